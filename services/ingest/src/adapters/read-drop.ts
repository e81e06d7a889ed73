/** Looks at a claimed file, and keeps a copy in the store under its own hash before anything is said about it. */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { MAX_FILE_BYTES } from '@setlist/contracts';
import type { ObjectStore } from '@setlist/storage';
import { extensionOf } from '../domain/drop.ts';
import { orGone } from './inbox.ts';
import { FileChanged, type LocalFile } from './set-file.ts';

/** A file by its size and, unless it is too large for a set file, its hash; nothing if it is gone: another replica has dealt with it. Links are not followed. */
export async function lookAt(path: string): Promise<LocalFile | undefined> {
  const file = await orGone(open(path, constants.O_RDONLY | constants.O_NOFOLLOW));
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

export interface KeptCopy {
  readonly sha256: string;
  /** Object key. */
  readonly keptAs: string;
}

/** Stores the file unless it is there already: the same bytes have the same key. Throws a {@link FileChanged}. */
export async function keepSetFile(
  store: ObjectStore,
  fileName: string,
  file: LocalFile & { readonly sha256: string },
): Promise<KeptCopy> {
  const { sha256, bytes } = file;
  const extension = extensionOf(fileName);
  const keptAs = `setfiles/${sha256}${extension && `.${extension}`}`;
  const there = await store.head(keptAs);
  if (there?.bytes !== bytes) {
    const contentType = extension === 'json' ? 'application/json' : 'application/yaml';
    await store.put(keptAs, contentOfFile(file), { contentType });
  }
  return { sha256, keptAs };
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
