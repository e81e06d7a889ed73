/** What was billed for an item, whichever of its attempts it was that paid: said by each outcome, and counted once. */
import { type EventData, subjects } from '@setlist/contracts';
import type { PaidSound } from '@setlist/sounds';
import type { Desk, Item } from './desk.ts';

type Billed = Pick<EventData<'ItemCompleted'>, 'billedCharacters' | 'billedBefore'>;

/** Nothing where another item paid for the sound, or nobody. */
export async function billedFor(
  desk: Pick<Desk, 'log'>,
  item: Pick<Item, 'is' | 'request'>,
  { for: by, billedCharacters }: PaidSound,
): Promise<Billed | undefined> {
  const { set, index, attempt } = item.is;
  if (by === undefined || by.set !== set || by.index !== index) return undefined;
  for (let earlier = by.attempt; earlier < attempt; earlier++) {
    const outcome = await desk.log.last(subjects.outcome(set, item.request.lane, index, earlier));
    // Earlier versions did not say of an item that failed what it had paid for.
    if (outcome?.event?.name !== 'ItemFailed' || !outcome.event.data.billedCharacters) continue;
    return { billedCharacters, billedBefore: billedCharacters };
  }
  return { billedCharacters };
}
