/** Finds out whether audio is still as it was stored, before it is copied under a user's name. */
import { hash } from 'node:crypto';
import { StoreError } from './store-error.ts';

/** SHA-256 of a body: in hex as in events, in base64 as in S3. */
export const sha256Of = (body: Uint8Array, encoding: 'hex' | 'base64'): string =>
  hash('sha256', body, encoding);

/** The error for an object whose bytes have changed since it was stored. `where` says where a person finds it. */
export const damaged = (where: string): StoreError =>
  new StoreError('damaged', `${where} has changed since it was stored: its SHA-256 differs.`, {
    remedy: 'Find out what changed it; Setlist makes the audio again automatically.',
  });
