/** Whether a store that refuses some audio takes it under another key: then only that key or file is in trouble. */
import { FORMATS } from '@setlist/polly';
import { probeKey } from '@setlist/sounds';
import { StoreError } from '@setlist/storage';
import type { SettleDeps } from './deps.ts';
import type { Item } from './item.ts';

/** Puts the audio under a probe key, reads it back, and removes it; logs if it can't be removed. */
export async function keepsElsewhere(
  { store, lineOf }: Pick<SettleDeps, 'store' | 'lineOf'>,
  { request: { hash, sound } }: Pick<Item, 'request'>,
  audio: Uint8Array,
): Promise<boolean> {
  const key = probeKey(hash, sound.format);
  let isThere = false;
  try {
    const { contentType } = FORMATS[sound.format];
    await store.put(key, audio, { contentType, metadata: { hash } });
    isThere = true;
    return Buffer.compare(await store.get(key), audio) === 0;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return false;
  } finally {
    await store.delete(key).catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      if (isThere)
        lineOf(store).warnOnce(
          error,
          'could not remove an object that only probed the store; `setlist gc` will find it',
        );
    });
  }
}
