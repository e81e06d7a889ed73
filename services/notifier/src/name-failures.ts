/** Which items a completion's message names where the event names fewer than there is room for. */
import { type FailedItem, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { FAILURES_SHOWN } from '@setlist/sets';
import type { NotableEvent } from './domain/notice-kind.ts';

/**
 * The event, with the failures that its message can name. The tracker lists the first ones; when a retry has made those, the
 * others that failed are known from the log alone, up to the event: so the message is the same however often it is written.
 */
export async function withFailuresNamed(
  event: NotableEvent,
  { seq }: Pick<Recorded, 'seq'>,
  log: Pick<EventLog, 'read'>,
): Promise<NotableEvent> {
  if (event.name !== 'SetCompleted') return event;
  const { failures, counts } = event.data;
  if (failures.length >= Math.min(FAILURES_SHOWN, counts.failed)) return event;
  const failed = new Map<number, FailedItem>();
  for await (const record of log.read({ subjects: [subjects.outcome(event.setId, '*', '*', '*')] })) {
    if (record.seq > seq) break;
    const outcome = record.event;
    if (outcome?.name !== 'ItemCompleted' && outcome?.name !== 'ItemFailed') continue;
    const { index, file } = outcome.data;
    failed.delete(index);
    if (outcome.name === 'ItemCompleted') continue;
    const { code, message, remedy } = outcome.data;
    failed.set(index, { code, message, remedy, index, file });
  }
  if (failed.size <= failures.length) return event;
  return { ...event, data: { ...event.data, failures: [...failed.values()].slice(0, FAILURES_SHOWN) } };
}
