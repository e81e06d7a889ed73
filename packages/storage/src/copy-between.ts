/** Copies from one store to another: natively if both can, otherwise by reading and writing. */
import { hash } from 'node:crypto';
import { damaged } from './digest.ts';
import type { Description, ObjectAt } from './object-store.ts';
import { StoreError } from './store-error.ts';

export interface CopyTerms extends Description {
  /** Copies these bytes (SHA-256 in hex) or none. */
  readonly sha256: string;
  /**
   * The bytes with this SHA-256, if the caller has just stored them: where the target can't copy by itself, they are
   * written without being read or checked again.
   */
  readonly bytes?: Uint8Array | undefined;
}

/**
 * Makes `target` an independent copy of `source`; readers of `target` see it change in one step. S3 keeps the content
 * type and metadata in `terms` beside the copy, and nothing of the source's. Can be repeated.
 *
 * A folder's bytes are read, checked and written: measured, that is no slower than the system's own copy of a small
 * file, which would have to be read again to be checked.
 *
 * @throws StoreError with `not-found` if `source`'s own store says that it does not exist, never because the target's
 * folder or bucket does not; `damaged` if the SHA-256 of its bytes is not `sha256`
 */
export async function copyBetween(source: ObjectAt, target: ObjectAt, terms: CopyTerms): Promise<void> {
  try {
    await copyOnce(source, target, terms);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'not-found') throw error;
    await requireThere(source);
    throw new StoreError('unavailable', `${error.message} But ${source.store.locate(source.key)} exists.`, {
      remedy: 'Check that the target exists: its folder, or its endpoint and bucket.',
      cause: error,
    });
  }
}

/** Throws if `source` does not exist. Reads, since S3 answers HEAD alike for a missing object and a missing bucket. */
async function requireThere({ store, key }: ObjectAt): Promise<void> {
  for await (const _ of store.read(key)) return;
}

async function copyOnce(
  source: ObjectAt,
  target: ObjectAt,
  { sha256, bytes, ...described }: CopyTerms,
): Promise<void> {
  const options = { described, sha256, isAtHand: bytes !== undefined };
  if (await target.store.copyFrom(source, target.key, options)) return;
  const body = bytes ?? (await checked(source, sha256));
  await target.store.put(target.key, body, described);
}

async function checked({ store, key }: ObjectAt, sha256: string): Promise<Uint8Array> {
  const body = await store.get(key);
  if (hash('sha256', body) !== sha256) throw damaged(store.locate(key));
  return body;
}
