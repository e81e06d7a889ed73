/** Where an archive grows: beside its place, since a rename must not cross file systems, each in a folder of its own. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The largest set is exported in hours; what is a day old was left by one that was killed. */
const LEFT_OVER_AFTER_MS = 24 * 60 * 60 * 1_000;

/** Makes the folder, after removing what exports to the same place left that were killed. */
export async function stagingBeside(file: string): Promise<string> {
  const parent = dirname(file);
  const prefix = `${basename(file)}.part-`;
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith(prefix) && (await isLeftOver(path))) await rm(path, { recursive: true, force: true });
  }
  return mkdtemp(join(parent, prefix));
}

/** Another export may remove its own meanwhile. */
async function isLeftOver(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > LEFT_OVER_AFTER_MS;
}
