/** What an item's outcome adds to the metrics. */
import type { EventOf } from '@setlist/contracts';
import { count } from '@setlist/runtime';
import type { Item } from './item.ts';

export type Outcome = EventOf<'ItemCompleted'> | EventOf<'ItemFailed'>;

/** Call it once for each stored outcome. */
export function measureOutcome(
  { request, step }: Pick<Item, 'request' | 'step'>,
  { name, data }: Outcome,
): void {
  const at = { provider: request.sound.provider, lane: request.lane };
  if (name === 'ItemFailed') {
    count('items', 1, { ...at, outcome: 'failed', error: data.code });
    step.note({ outcome: 'failed' });
    return;
  }
  count('items', 1, { ...at, outcome: data.how });
  if (data.sparedCharacters > 0) count('charactersSaved', data.sparedCharacters, at);
  step.note({ outcome: data.how });
}
