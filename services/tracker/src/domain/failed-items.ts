/** Which items of a set have failed, judged only by their outcomes. */
import type { SetlistEvent } from '@setlist/contracts';

/** The failed attempt, by the item's index. */
export type FailedItems = Map<number, number>;

/**
 * Notes an outcome; call it in the log's order. A later attempt is requested only after the earlier one has failed, so
 * an item's last outcome is that of its newest attempt, and only failures need to be kept.
 */
export function noteOutcome(failed: FailedItems, event: SetlistEvent | undefined): void {
  if (event?.name !== 'ItemFailed' && event?.name !== 'ItemCompleted') return;
  const { index, attempt } = event.data;
  if (attempt < (failed.get(index) ?? 0)) return;
  if (event.name === 'ItemFailed') failed.set(index, attempt);
  else failed.delete(index);
}
