/** Telling audio that is as it was stored from audio that is not, before it gets under a user's name. */
import { hash } from 'node:crypto';
import { StoreError } from './store-error.ts';

/** SHA-256 of a body: in hex as events have it, in base64 as S3 does. */
export const sha256Of = (body: Uint8Array, encoding: 'hex' | 'base64'): string =>
  hash('sha256', body, encoding);

/** The error for an object whose bytes are others than those that were stored. `where` is its place as people find it. */
export const damaged = (where: string): StoreError =>
  new StoreError('damaged', `${where} is not what was stored there: its SHA-256 is another.`, {
    remedy: 'Find out what changed it; Setlist makes the audio again by itself.',
  });
