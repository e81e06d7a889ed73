/** What the parts of the conformance suite share: a store to test, and helpers for short bodies. */
import { hash } from 'node:crypto';
import { copyBetween, type ObjectStore } from '../src/index.ts';

/** A fresh, empty store. */
export interface Specimen extends AsyncDisposable {
  readonly store: ObjectStore;
}

export interface Traits {
  readonly keepsMetadata: boolean;
}

export const MP3 = { contentType: 'audio/mpeg' };

export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(store.list(prefix))).map(({ key }) => key);
}

/** Copies `body`, which is what `from` should hold, within a store. */
export const copyWithin = (
  store: ObjectStore,
  from: string,
  to: string,
  body: string | Uint8Array,
): Promise<void> =>
  copyBetween({ store, key: from }, { store, key: to }, { ...MP3, sha256: hash('sha256', body) });

export function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

export function text(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}
