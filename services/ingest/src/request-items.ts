/** Asks for every item of an accepted set, in the order of the file; after a crash, for those that are missing. */
import { type EventOf, subjects } from '@setlist/contracts';
import type { Desk } from './desk.ts';
import type { PlannedItem } from './domain/plan-set.ts';
import { itemRequested } from './domain/set-events.ts';

/**
 * Publishes the requests, pipelined. When a set is gone on with, the log is read for the requests that it holds, and
 * exactly the others are published: a publish that was repeated may be stored behind later ones, so that the last
 * request stored does not say that all before it are. Two replicas at once publish events of the same ids, of which
 * the broker drops the second ones, and folds ignore what is left.
 * @throws the signal's reason when it aborts; what is missing then is found at the next start
 */
export async function requestItems(
  accepted: EventOf<'SetAccepted'>,
  items: Iterable<PlannedItem>,
  desk: Desk,
  time: 'first' | 'again',
): Promise<void> {
  const { log, logger, signal, now } = desk;
  const { setId = '' } = accepted;
  const begunMs = performance.now();
  const there = time === 'again' ? await requestedItems(accepted, desk) : new Set<number>();
  const missing = function* () {
    for (const item of items) {
      signal.throwIfAborted();
      if (!there.has(item.index)) yield itemRequested(item, accepted, now());
    }
  };
  const requested = await log.appendAll(missing());
  const ms = Math.round(performance.now() - begunMs);
  logger.info(
    { event: 'items-requested', setId, requested, thereBefore: there.size, ms },
    `asked for ${requested} items of ${setId}`,
  );
}

/** Indexes of the items whose first request the log holds. */
async function requestedItems(
  { setId = '' }: EventOf<'SetAccepted'>,
  { log }: Desk,
): Promise<ReadonlySet<number>> {
  const indexes = new Set<number>();
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (event?.name === 'ItemRequested' && event.data.attempt === 1) indexes.add(event.data.index);
  }
  return indexes;
}
