/** Notices that are no longer true by the time at which they would be told: they would only contradict later ones. */
import { type EventName, subjects } from '@setlist/contracts';
import type { EventLog, Handout } from '@setlist/eventlog';
import type { NotableEvent } from './domain/notice-kind.ts';

/** What begins the quiet time anew, beside an item that is asked for. */
const MOVES: ReadonlySet<EventName> = new Set(['ItemCompleted', 'ItemFailed', 'SetResumed', 'SetRetried']);

/** What a set's life may say later that makes a notice untrue; others tell what has been, which stays true. */
const OVERTAKEN_BY: Partial<Record<NotableEvent['name'], ReadonlySet<EventName>>> = {
  SetStalled: new Set(['SetUnstalled', 'SetPaused', 'SetCompleted', 'SetCancelled', 'SetRetried']),
  SetUnstalled: new Set(['SetStalled', 'SetPaused', 'SetCompleted', 'SetCancelled']),
};

/** What is handed out for the first time within so long of its storing is told, whatever comes close behind it. */
const FRESH_MS = 2_000;

/**
 * Why an event is not to be told, or nothing where it is. What was put off, or waited for a notifier, is held against what
 * the set's life has said since: after an outage notices come in any order.
 */
export async function whyOutdated(
  event: NotableEvent,
  { record: { seq, time }, deliveries }: Handout,
  log: Pick<EventLog, 'read' | 'clock'>,
): Promise<string | undefined> {
  const { setId, name } = event;
  if (name === 'SetStalled' && (await hasMoved(log, { setId, from: event.data.sinceSeq + 1, before: seq }))) {
    return 'the set had moved by then';
  }
  const overtakenBy = OVERTAKEN_BY[name];
  const isFresh = deliveries === 1 && log.clock.now() - time.getTime() < FRESH_MS;
  if (isFresh || overtakenBy === undefined) return undefined;
  for await (const { event: later } of log.read({ subjects: [subjects.state(setId)], from: seq + 1 })) {
    if (later && overtakenBy.has(later.name)) return `${later.name} came before it could be told`;
  }
  return undefined;
}

interface Quiet {
  readonly setId: string;
  readonly from: number;
  readonly before: number;
}

/** A stall may be noted just after an item has moved: then it is none, and no end of it follows. */
async function hasMoved(log: Pick<EventLog, 'read'>, { setId, from, before }: Quiet): Promise<boolean> {
  const requests = new Set<string>();
  for await (const { seq, event } of log.read({ subjects: [subjects.ofSet(setId)], from })) {
    if (seq >= before) break;
    if (event?.name === 'ItemRequested') requests.add(event.id);
    else if (event && MOVES.has(event.name)) return true;
  }
  return requests.size > 0 && (await isAnyNew(requests, log, { setId, from, before }));
}

/** A request whose first answer was lost may be in the log twice; the second moves nothing. */
async function isAnyNew(
  requests: Set<string>,
  log: Pick<EventLog, 'read'>,
  { setId, from }: Quiet,
): Promise<boolean> {
  for await (const { seq, event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (seq >= from) break;
    if (event) requests.delete(event.id);
  }
  return requests.size > 0;
}
