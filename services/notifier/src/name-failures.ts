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
 * once, however often the event is handed out.
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
    const all = { ...event, data: { ...event.data, failures: failed.slice(0, FAILURES_SHOWN) } };
    const fuller = failed.length > failures.length ? all : event;
    named.set(event.id, fuller);
    return fuller;
  };
}

async function failedUntil(seq: number, setId: string, log: Pick<EventLog, 'read'>): Promise<FailedItem[]> {
  const failed = new Map<number, FailedItem>();
  for await (const record of log.read({ subjects: [subjects.outcome(setId, '*', '*', '*')] })) {
    if (record.seq > seq) break;
    const outcome = record.event;
    if (outcome?.name !== 'ItemCompleted' && outcome?.name !== 'ItemFailed') continue;
    const { index, file } = outcome.data;
    failed.delete(index);
    if (outcome.name === 'ItemCompleted') continue;
    const { code, message, remedy } = outcome.data;
    failed.set(index, { code, message, remedy, index, file });
  }
  return [...failed.values()];
}
