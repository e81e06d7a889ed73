/** Flushes files and the names in folders to disk, so that they survive a power cut. */
import { open, readdir } from 'node:fs/promises';
import { platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * Makes a file's content durable, or, except on Windows, the names in a folder; not the file's own name: see
 * {@link flushFolder}. These functions throw the file system's own errors, not a `StoreError`.
 */
export async function flush(path: string): Promise<void> {
  // Windows flushes only files open for writing; elsewhere folders are flushed too, which open only for reading.
  await using file = await open(path, platform() === 'win32' ? 'r+' : 'r');
  await file.sync();
}

/** Makes the names in a folder durable. Windows can't open folders, and keeps names in its journal. */
export async function flushFolder(folder: string): Promise<void> {
  if (platform() !== 'win32') await flush(folder);
}

/** Flushes a folder and those above it, up to the parent of the topmost one that was just made. */
export async function flushFolders(folder: string, firstMade: string | undefined): Promise<void> {
  // What mkdir reports as made is absolute.
  const last = firstMade === undefined ? resolve(folder) : dirname(resolve(firstMade));
  for (let each = resolve(folder); ; each = dirname(each)) {
    await flushFolder(each);
    if (each === last) return;
  }
}

/** Makes a folder durable with everything in it; no one may be writing there. */
export async function flushTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushTree(path);
    else if (entry.isFile()) await flush(path);
  }
  await flushFolder(folder);
}
