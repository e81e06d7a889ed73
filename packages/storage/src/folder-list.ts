/** Walks a folder as S3 lists a bucket: every file under a prefix, in the order of the keys' bytes. */
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkObjectKey } from '@setlist/contracts';
import { saysAbsent } from './folder-errors.ts';
import type { ListedObject } from './object-store.ts';

/**
 * Yields the files below `folder`, whose own keys all begin with `base` (empty, or ending in `/`), that have `prefix`.
 * Symbolic links are not followed; what goes away meanwhile is passed over.
 */
export async function* listFolder(
  folder: string,
  base: string,
  prefix: string,
): AsyncGenerator<ListedObject> {
  for (const entry of await sortedEntries(folder)) {
    const key = base + entry.name;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (isStorable(key) && `${key}/`.startsWith(prefix)) yield* listFolder(path, `${key}/`, prefix);
    } else if (entry.isFile() && key.startsWith(prefix) && isStorable(key)) {
      const file = await orAbsent(stat(path));
      if (file) yield { key, bytes: file.size, modified: file.mtime, version: versionOf(file) };
    }
  }
}

/** A file that was replaced is another one on the disk, whatever its size and time. */
export const versionOf = ({ ino, size, mtimeMs }: Stats): string => `${ino}-${size}-${mtimeMs}`;

/** A folder sorts as its name and a slash, since that is how the keys below it go on: `a.mp3`, `a/1.mp3`, `a0.mp3`. */
async function sortedEntries(folder: string): Promise<Dirent[]> {
  const entries = (await orAbsent(readdir(folder, { withFileTypes: true }))) ?? [];
  return entries
    .map((entry) => ({ entry, bytes: Buffer.from(entry.isDirectory() ? `${entry.name}/` : entry.name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ entry }) => entry);
}

function isStorable(key: string): boolean {
  return checkObjectKey(key) === undefined;
}

async function orAbsent<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
}
