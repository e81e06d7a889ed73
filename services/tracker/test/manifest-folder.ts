/** Settings for a tracker that writes manifests, a folder for them, and the manifests expected by the log. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Manifest, manifestSchema } from '@setlist/contracts';
import { manifestCsv, manifestInLog, manifestJson } from '@setlist/sets';
import { temporaryFolder } from '@setlist/testkit';
import type { World } from './world.ts';

export const WRITING = { MANIFESTS: true } as const;
/** The id of a test's nth run. */
export const run = (n: number): string => `20260105t0900${String(n).padStart(2, '0')}-k3f9q2`;

export async function openFolder() {
  const folder = await temporaryFolder();
  const [out, prefix] = [join(folder.path, 'out'), join(folder.path, 'out', 'moby-dick')];
  const json = join(prefix, 'manifest.json');
  return {
    out,
    prefix,
    json,
    uri: pathToFileURL(out).href,
    read: async (): Promise<Manifest> => manifestSchema.parse(JSON.parse(await readFile(json, 'utf8'))),
    bytes: async (): Promise<string[]> =>
      Promise.all(['manifest.json', 'manifest.csv'].map((name) => readFile(join(prefix, name), 'utf8'))),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

const joined = async (pieces: AsyncIterable<string>): Promise<string> =>
  (await Array.fromAsync(pieces)).join('');

/** Both files, built from the log. */
export async function rebuilt(world: World, setId: string, upToSeq: number): Promise<string[]> {
  const manifest = await manifestInLog(world.log, setId, { upToSeq });
  if (manifest === undefined) throw new Error(`${setId} has not ended`);
  return [
    await joined(manifestJson(manifest.header, manifest.items())),
    await joined(manifestCsv(manifest.items())),
  ];
}
