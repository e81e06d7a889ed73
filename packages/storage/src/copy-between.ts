/** Copies from one store to another: natively where both can, by reading and writing where not. */
import { damaged, sha256Of } from './digest.ts';
import type { Description, ObjectAt } from './object-store.ts';

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
 * @throws StoreError with `not-found` if there is no `source`, `damaged` if its bytes are others than `sha256`
 */
export async function copyBetween(
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
