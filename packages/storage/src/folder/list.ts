/** Lists a folder as S3 lists a bucket: every file under a prefix, in the order of the keys' bytes. */
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedObject } from '../object-store.ts';
import { keyProblem } from '../preconditions.ts';
import { saysAbsent } from './errors.ts';

export interface FolderListing {
  /** What the folder's own keys begin with: empty, or ending in `/`. */
  readonly base: string;
  readonly prefix: string;
  /** Called with each name that is not a key. */
  readonly passedOver: (name: string) => void;
}

/**
 * Yields the files below `folder` that have the prefix. Does not follow symbolic links, and leaves out files that
 * disappear while it runs.
 */
export async function* listFolder(
  folder: string,
  { base, prefix, passedOver }: FolderListing,
): AsyncGenerator<ListedObject> {
  for (const entry of await sortedEntries(folder)) {
    const key = base + entry.name;
    const path = join(folder, entry.name);
    const name = entry.isDirectory() ? `${key}/` : key;
    if (!name.startsWith(prefix) || !(entry.isDirectory() || entry.isFile())) continue;
    if (keyProblem(key) !== undefined) passedOver(name);
    else if (entry.isDirectory()) yield* listFolder(path, { base: name, prefix, passedOver });
    else {
      const file = await orAbsent(stat(path));
      if (file) yield { key, bytes: file.size, modified: file.mtime, version: versionOf(file) };
    }
  }
}

/** The inode changes when a file is replaced, even if size and time stay the same. */
export const versionOf = ({ ino, size, mtimeMs }: Stats): string => `${ino}-${size}-${mtimeMs}`;

/** A folder sorts by its name and a slash, since the keys below it begin with that: `a.mp3`, `a/1.mp3`, `a0.mp3`. */
async function sortedEntries(folder: string): Promise<Dirent[]> {
  const entries = (await orAbsent(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries
    .map((entry) => ({ entry, bytes: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => entry);
}

async function orAbsent<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
}
