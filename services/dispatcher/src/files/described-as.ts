/** The metadata of a delivered file, in stores that keep any: its item and its sound. */
import type { ItemAttempt } from '@setlist/contracts';
import type { PaidSound } from '@setlist/sounds';
import type { Description } from '@setlist/storage';

export const describedAs = (
  { set, index }: Pick<ItemAttempt, 'set' | 'index'>,
  { contentType, hash }: PaidSound,
): Description => ({
  contentType,
  metadata: { set, item: String(index), hash },
});
