/** Adds failed items to a completion whose event names fewer than a message has room for. */
import { type FailedItem, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { RecentMap } from '@setlist/runtime';
import { FAILURES_SHOWN } from '@setlist/sets';
import type { NotableEvent } from './domain/notice-kind.ts';

/** How many completed events are remembered; the log is read again for older ones. */
const REMEMBERED = 1_000;

export type NamesFailures = (event: NotableEvent, place: Pick<Recorded, 'seq'>) => Promise<NotableEvent>;

/**
 * Returns the event with all the failures that its message can name. The tracker lists the first ones; once a retry has
 * completed those, only the log has the others. It is read up to the event, so that the message is always the same, and
 * not again when the event is handed out again.
 */
export function namesFailures(log: Pick<EventLog, 'read'>): NamesFailures {
  const named = new RecentMap<string, NotableEvent>(REMEMBERED);
  return async (event, { seq }) => {
    if (event.name !== 'SetCompleted') return event;
    const { failures, counts } = event.data;
    if (failures.length >= Math.min(FAILURES_SHOWN, counts.failed)) return event;
    const known = named.get(event.id);
    if (known) return known;
    const failed = await failedUntil(seq, event.setId, log);
    const fuller =
      failed.length > failures.length ? { ...event, data: { ...event.data, failures: failed } } : event;
    named.set(event.id, fuller);
    return fuller;
  };
}

/**
 * The first items that had failed by then, as many as a message names. The log is read a second time for their texts:
 * the texts of all failed items of a large set would not fit into memory.
 */
async function failedUntil(seq: number, setId: string, log: Pick<EventLog, 'read'>): Promise<FailedItem[]> {
  const outcomes = [subjects.outcome(setId, '*', '*', '*')];
  const failedAt = new Map<number, number>();
  for await (const { seq: at, event } of log.read({ subjects: outcomes })) {
    if (at > seq) break;
    if (event?.name !== 'ItemCompleted' && event?.name !== 'ItemFailed') continue;
    failedAt.delete(event.data.index);
    if (event.name === 'ItemFailed') failedAt.set(event.data.index, at);
  }
  const shown = new Set(failedAt.values().take(FAILURES_SHOWN));
  const [from = seq] = shown;
  const failed: FailedItem[] = [];
  for await (const { seq: at, event } of log.read({ subjects: outcomes, from })) {
    if (shown.delete(at) && event?.name === 'ItemFailed') {
      const { index, file, code, message, remedy } = event.data;
      failed.push({ code, message, remedy, index, file });
    }
    if (shown.size === 0) break;
  }
  return failed;
}
