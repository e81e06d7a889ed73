/** Processed files move on to their final folder, without replacing others there. */
import { link, lstat, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Drop, nameWithRun } from '@setlist/admission';
import { orGone } from '@setlist/runtime';
import { claimedPath, codeOf, FOLDERS, makeFolder, writeNew } from './inbox.ts';

/**
 * Moves a claimed file to its final folder under its own name or, if that is taken, with the run id in it. Can be
 * repeated after a crash at any point. `beforeGone` runs with the final path while the claim still exists, so that what
 * it writes is there before the claim is gone.
 */
export async function fileAway(
  drop: Drop,
  to: 'done' | 'rejected',
  beforeGone: (path: string) => Promise<void> = async () => {},
): Promise<void> {
  const folder = join(drop.inbox, FOLDERS[to]);
  // Without its folder, every file would be taken for one that another replica has filed away.
  await makeFolder(folder);
  const claimed = claimedPath(drop);
  const own = join(folder, drop.fileName);
  const how = await reserve(own, drop);
  if (how !== undefined) {
    await beforeGone(own);
    await orGone(how === 'linked' ? unlink(claimed) : rename(claimed, own));
    return;
  }
  // If another replica has filed it away, nothing must be written beside a file that isn't there.
  if ((await orGone(lstat(claimed))) === undefined) return;
  const withRun = join(folder, nameWithRun(drop));
  await beforeGone(withRun);
  await orGone(rename(claimed, withRun));
}

/**
 * Reserves a name, never one that another file has: by a hard link, so that the file has both names for a moment. Linux
 * lets nobody link another user's file that they can't write, and some file systems have no links: then by a file that
 * contains the drop's entry, for the drop to replace. Undefined if the name is taken, or the drop is gone.
 */
async function reserve(name: string, drop: Drop): Promise<'linked' | 'reserved' | undefined> {
  const claimed = claimedPath(drop);
  try {
    await link(claimed, name);
    return 'linked';
  } catch (error) {
    const code = codeOf(error);
    // Between two file systems, the file can't replace another either.
    if (code === 'ENOENT' || code === 'EXDEV') return undefined;
    if (code !== 'EEXIST') await writeNew(name, drop.entry).catch(() => undefined);
    const [a, b] = await Promise.all([orGone(lstat(claimed)), orGone(lstat(name))]);
    if (a === undefined || !b?.isFile()) return undefined;
    if (a.ino === b.ino && a.dev === b.dev) return 'linked';
    // Also one that a crash has left.
    const isOurs = b.size === Buffer.byteLength(drop.entry) && (await readFile(name, 'utf8')) === drop.entry;
    return isOurs ? 'reserved' : undefined;
  }
}
