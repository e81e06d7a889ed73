/** Reads one set from the log itself, since a projection can be slightly behind. */
import { type EventOf, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type FailedItems, noteOutcome } from '../domain/failed-items.ts';
import { evolveSetLife, type SetLife } from '../domain/set-life.ts';

/** The set's life so far; undefined if there is no such set. */
export async function readLife(log: EventLog, setId: string): Promise<SetLife | undefined> {
  let life: SetLife | undefined;
  for await (const record of log.read({ subjects: [subjects.state(setId)] })) {
    life = evolveSetLife(life, record);
  }
  return life;
}

/** The items that had failed before a sequence of the log: all of them, or those among `indexes`. */
export async function readFailedItems(
  log: EventLog,
  setId: string,
  { indexes, beforeSeq = Number.POSITIVE_INFINITY }: { indexes?: readonly number[]; beforeSeq?: number } = {},
): Promise<FailedItems> {
  const failed: FailedItems = new Map();
  for await (const { seq, event } of log.read({ subjects: [subjects.outcome(setId, '*', '*', '*')] })) {
    if (seq >= beforeSeq) break;
    noteOutcome(failed, event);
  }
  if (indexes) {
    const named = new Set(indexes);
    for (const index of failed.keys()) if (!named.has(index)) failed.delete(index);
  }
  return failed;
}

/** The requests of the failed attempts, each once, without those that this version can't read. */
export async function* requestsOf(
  log: EventLog,
  setId: string,
  failed: FailedItems,
): AsyncGenerator<EventOf<'ItemRequested'>> {
  const sought = new Map(failed);
  if (sought.size === 0) return;
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (event?.name !== 'ItemRequested' || sought.get(event.data.index) !== event.data.attempt) continue;
    sought.delete(event.data.index);
    yield event;
    if (sought.size === 0) return;
  }
}

/** The `traceparent` of the set's first event, which later events of its life share. */
export async function traceOfSet(log: Pick<EventLog, 'first'>, setId: string): Promise<string | undefined> {
  return (await log.first(subjects.state(setId)))?.event?.traceparent;
}
