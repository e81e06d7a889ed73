/** A set file on this machine: hashed before anything is decided about it, and read only if it is still the same. */
import { createHash } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { orGone } from '@setlist/runtime';
import { MAX_FILE_BYTES } from '@setlist/set-file';
import { FileChanged, type LocalFile } from './set-file.ts';

/** A path to something whose end comes only when its writer closes it, or never. */
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

/** Opening a pipe without O_NONBLOCK would wait for its writer; Windows lacks O_NOFOLLOW and O_NONBLOCK. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a path that others may have changed meanwhile: it follows no link, and waits for no pipe.
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

/**
 * A file's size and, unless it is too large for a set file, its hash. Links are not followed.
 * @returns `undefined` if the file is gone, since another replica has processed it
 * @throws FileChanged, NoPlainFile
 */
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

/** A file's content. @throws FileChanged at the end, if it is not the content that was hashed */
export async function* contentOfFile({ path, sha256 }: LocalFile): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== sha256) throw new FileChanged(`${path} changed while it was read`);
}
