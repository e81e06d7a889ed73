/** Where an archive is put together: in its own folder beside its place, since a rename can't cross file systems. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { flushFolders } from '@setlist/storage';

/** Age, in ms, from which a folder counts as left by a killed export: the largest set takes only hours. */
const LEFT_OVER_AFTER_MS = 24 * 60 * 60 * 1_000;

/** Makes the folder, after removing what killed exports to the same place left. */
export async function stagingBeside(file: string): Promise<string> {
  const parent = dirname(file);
  const prefix = `${basename(file)}.part-`;
  const made = await mkdir(parent, { recursive: true });
  if (made !== undefined) await flushFolders(parent, made);
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith(prefix) && (await isLeftOver(path))) await rm(path, { recursive: true, force: true });
  }
  return mkdtemp(join(parent, prefix));
}

/** The folder may be gone by now: another export removes its own when it ends. */
async function isLeftOver(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > LEFT_OVER_AFTER_MS;
}
