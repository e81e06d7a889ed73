/** The SHA-256 of what is stored, and the error for an object whose SHA-256 differs. */
import { createHash } from 'node:crypto';
import { StoreError } from './store-error.ts';

/** SHA-256 of pieces together, in hex. @throws the signal's reason once it aborts */
export async function sha256OfPieces(
  pieces: AsyncIterable<string | Uint8Array>,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest('hex');
}

/** The error for an object whose bytes have changed since it was stored. `where` says where a person finds it. */
export const damaged = (where: string): StoreError =>
  new StoreError('damaged', `${where} has changed since it was stored: its SHA-256 differs.`, {
    remedy: 'Find out what changed it; Setlist makes the audio again automatically.',
  });
