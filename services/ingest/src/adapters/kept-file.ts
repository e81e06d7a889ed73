/** Fetches a kept set file to this machine, to read exactly what was accepted. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { LocalFile } from '@setlist/admission';
import type { ObjectStore } from '@setlist/storage';

/** A copy that is deleted when it is disposed of. */
export type FetchedFile = LocalFile & AsyncDisposable;

/** @throws StoreError with `not-found` if nothing is kept under that key */
export async function fetchKept(store: ObjectStore, keptAs: string): Promise<FetchedFile> {
  const folder = await mkdtemp(join(tmpdir(), 'setlist-kept-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'set-file');
    await pipeline(store.read(keptAs), createWriteStream(path));
    return { path, bytes: (await stat(path)).size, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
