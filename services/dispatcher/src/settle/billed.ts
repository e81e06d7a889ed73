/** What was billed for an item, whichever of its attempts paid: each outcome states it, and it counts once. */
import { type EventData, subjects } from '@setlist/contracts';
import type { PaidSound } from '@setlist/sounds';
import type { SettleDeps } from './deps.ts';
import type { Item } from './item.ts';

type Billed = Pick<EventData<'ItemCompleted'>, 'billedCharacters' | 'billedBefore'>;

/** @returns undefined if another item paid for the sound, or none */
export async function billedFor(
  deps: Pick<SettleDeps, 'log'>,
  item: Pick<Item, 'is' | 'request'>,
  { for: by, billedCharacters }: PaidSound,
): Promise<Billed | undefined> {
  const { set, index, attempt } = item.is;
  if (by === undefined || by.set !== set || by.index !== index) return undefined;
  for (let earlier = by.attempt; earlier < attempt; earlier++) {
    const outcome = await deps.log.last(subjects.outcome(set, item.request.lane, index, earlier));
    // Outcomes written by old versions do not say what a failed item had paid.
    if (outcome?.event?.name !== 'ItemFailed' || !outcome.event.data.billedCharacters) continue;
    return { billedCharacters, billedBefore: billedCharacters };
  }
  return { billedCharacters };
}
