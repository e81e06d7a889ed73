/** Whether a store that refuses some audio takes the same under another key: then it is that key, or that file, that is in trouble. */
import { FORMATS } from '@setlist/polly';
import { probeKey } from '@setlist/sounds';
import { type ObjectStore, StoreError } from '@setlist/storage';
import type { Item } from './item.ts';

/** Puts the audio where no sound's is, reads it back, and removes it. */
export async function keepsElsewhere(
  store: ObjectStore,
  { request: { hash, sound } }: Pick<Item, 'request'>,
  audio: Uint8Array,
): Promise<boolean> {
  const key = probeKey(hash, sound.format);
  try {
    const { contentType } = FORMATS[sound.format];
    await store.put(key, audio, { contentType, metadata: { hash } });
    return Buffer.compare(await store.get(key), audio) === 0;
  } catch (error) {
    return unlessTrouble(error);
  } finally {
    await store.delete(key).catch(unlessTrouble);
  }
}

function unlessTrouble(error: unknown): false {
  if (!(error instanceof StoreError)) throw error;
  return false;
}
