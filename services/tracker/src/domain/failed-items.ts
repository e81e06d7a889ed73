/** Which items of a set have failed, by their outcomes alone. */
import type { SetlistEvent } from '@setlist/contracts';

/** The attempt that failed, by the index of the item. */
export type FailedItems = Map<number, number>;

/**
 * Takes note of one more outcome, in the log's order. A later attempt is asked for after the earlier one has
 * failed, so the last outcome of an item is that of its newest attempt, and only failures have to be kept.
 */
export function noteOutcome(failed: FailedItems, event: SetlistEvent | undefined): void {
  if (event?.name !== 'ItemFailed' && event?.name !== 'ItemCompleted') return;
  const { index, attempt } = event.data;
  if (attempt < (failed.get(index) ?? 0)) return;
  if (event.name === 'ItemFailed') failed.set(index, attempt);
  else failed.delete(index);
}
