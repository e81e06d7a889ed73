/** A set file on this machine: looked at before anything is said about it, and read as what it was then. */
import { createHash } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { MAX_FILE_BYTES } from '@setlist/set-file';
import { orGone } from './or-gone.ts';
import { FileChanged, type LocalFile } from './set-file.ts';

/** What is read to its end only when somebody closes the other one, or never. */
export class NoPlainFile extends Error {
  override readonly name = 'NoPlainFile';
  readonly what: 'a pipe' | 'a socket' | 'a device';
  constructor(path: string, what: NoPlainFile['what']) {
    super(`${path} is ${what}, not a file`);
    this.what = what;
  }
}

/** @throws NoPlainFile for a pipe, a socket or a device */
export function refuseNoFile(path: string, found: Stats): void {
  if (found.isFile() || found.isDirectory()) return;
  throw new NoPlainFile(path, found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device');
}

/** Opening a pipe would wait for whoever writes to it; Windows has neither flag. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens what others may have put there meanwhile: no link is followed, and no pipe waited for.
 * @throws NoPlainFile for a pipe, a socket or a device
 */
export async function openPlainFile(path: string): Promise<FileHandle> {
  const file = await open(path, FLAGS);
  try {
    refuseNoFile(path, await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A file by its size and, unless it is too large for a set file, its hash; nothing if it is gone: another replica has dealt with it. Links are not followed. */
export async function lookAt(path: string): Promise<LocalFile | undefined> {
  const file = await orGone(openPlainFile(path));
  if (file === undefined) return undefined;
  try {
    const before = await file.stat();
    if (before.size > MAX_FILE_BYTES) return { path, bytes: before.size };
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of file.createReadStream({ autoClose: false })) {
      hash.update(piece);
      bytes += piece.length;
    }
    const after = await file.stat();
    if (bytes !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
      throw new FileChanged(`${path} changed while it was read`);
    }
    return { path, bytes, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

/** A file's content, which ends in a {@link FileChanged} if it is not the one that was looked at. */
export async function* contentOfFile({ path, sha256 }: LocalFile): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== sha256) throw new FileChanged(`${path} changed while it was read`);
}
