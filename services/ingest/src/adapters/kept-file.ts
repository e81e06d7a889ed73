/** Fetches a kept set file to this machine, to read exactly what was accepted. */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalFile } from '@setlist/admission';
import { type ObjectStore, StoreError } from '@setlist/storage';
import { temporaryFolder, writeTemporary } from './temporary-file.ts';

/** A copy that is deleted when it is disposed of. */
export type FetchedFile = LocalFile & AsyncDisposable;

export async function fetchKept(store: ObjectStore, keptAs: string): Promise<FetchedFile> {
  const folder = await temporaryFolder('setlist-kept-');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'set-file');
    await writeTemporary(path, readKept(store, keptAs));
    return { path, bytes: (await stat(path)).size, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * In pieces. A copy that is missing is `unavailable` while its set, which has been accepted, is open: it is needed again.
 */
export async function* readKept(
  store: ObjectStore,
  keptAs: string,
  isOpen = async (): Promise<boolean> => true,
): AsyncGenerator<Uint8Array> {
  try {
    yield* store.read(keptAs);
  } catch (error) {
    const isMissing = error instanceof StoreError && error.code === 'not-found';
    throw isMissing && (await isOpen()) ? missing(store, keptAs, error) : error;
  }
}

const missing = (store: ObjectStore, keptAs: string, cause: StoreError): StoreError =>
  new StoreError('unavailable', `The kept copy of an accepted set file is gone: ${store.locate(keptAs)}`, {
    remedy:
      'Put it back from a backup or an earlier version, and see to it that nothing removes set files there.',
    cause,
  });
