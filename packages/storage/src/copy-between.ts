/** Copies from one store to another: natively where both can, by reading and writing where not. */
import { damaged, sha256Of } from './digest.ts';
import type { Description, ObjectAt } from './object-store.ts';
import { StoreError } from './store-error.ts';

export interface CopyTerms extends Description {
  /** Copies these bytes (SHA-256 in hex) or none. */
  readonly sha256?: string;
  /** The source's bytes, where they are at hand because they were just stored there: they are not read again. */
  readonly bytes?: Uint8Array | undefined;
}

/**
 * Makes `target` an independent copy of `source`, in one step for readers of `target`. What it is described by is what
 * S3 keeps beside the copy. May be repeated.
 *
 * A folder's bytes are read, looked at and written: measured, that is no slower than the system's own copy of a small
 * file, which would have to be read again to be looked at.
 *
 * @throws StoreError with `not-found` if there is no `source`, as its own store says, and never for want of a `target`;
 * `damaged` if its bytes are others than `sha256`
 */
export async function copyBetween(source: ObjectAt, target: ObjectAt, terms: CopyTerms): Promise<void> {
  try {
    await copyOnce(source, target, terms);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'not-found') throw error;
    await requireThere(source);
    throw new StoreError('unavailable', `${error.message} Yet ${source.store.locate(source.key)} is there.`, {
      remedy: 'Check that the target is there: its folder, or its endpoint and bucket.',
      cause: error,
    });
  }
}

/** Either may be what a copy did not find, and S3's answer to HEAD is the same for no object and no bucket: reading tells. */
async function requireThere({ store, key }: ObjectAt): Promise<void> {
  for await (const _ of store.read(key)) return;
}

async function copyOnce(
  source: ObjectAt,
  target: ObjectAt,
  { sha256, bytes, ...described }: CopyTerms,
): Promise<void> {
  const expected = sha256 === undefined ? {} : { sha256 };
  const options = { described, isAtHand: bytes !== undefined, ...expected };
  if (await target.store.copyFrom(source, target.key, options)) return;
  const body = bytes ?? (await source.store.get(source.key));
  if (sha256 !== undefined && sha256Of(body, 'hex') !== sha256) {
    throw damaged(source.store.locate(source.key));
  }
  await target.store.put(target.key, body, described);
}
