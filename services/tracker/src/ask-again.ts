/** Requests the items of a retry again, and completes the requests of a retry that a dead tracker left unfinished. */
import {
  type EventOf,
  endsSet,
  newEvent,
  type SetlistEvent,
  setOfSubject,
  subjects,
} from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import { readFailedItems, requestsOf } from './adapters/set-in-log.ts';
import { eventContext } from './domain/event-context.ts';
import type { FailedItems } from './domain/failed-items.ts';

export interface AskAgainOptions {
  readonly log: EventLog;
  readonly logger: Logger;
}

interface Retry {
  readonly seq: number;
  readonly event: EventOf<'SetRetried'>;
}

/**
 * Follows the sets' lives until aborted. `SetRetried` alone is the decision, and its requests follow from the log
 * before it: so any tracker can make them at any later start, and repeating them is harmless. At the start, every set
 * that has not ended is checked.
 */
export async function askAgain(options: AskAgainOptions, signal: AbortSignal): Promise<void> {
  const lookedAt = new Set<string>();
  const lives = { subjects: [subjects.state('*')], from: 'last-of-each-subject' } as const;
  for await (const record of options.log.follow(lives, signal)) {
    const setId = setOfSubject(record.subject);
    if (endsSet(record.event)) {
      lookedAt.delete(setId);
      continue;
    }
    const isKnown = lookedAt.has(setId) || record.event?.name === 'SetAccepted';
    lookedAt.add(setId);
    const retry = retryOf(record) ?? (isKnown ? undefined : await lastRetry(options.log, setId));
    if (retry) await askForMissing(options, setId, retry);
  }
}

const retryOf = ({ seq, event }: Recorded): Retry | undefined =>
  event?.name === 'SetRetried' ? { seq, event } : undefined;

async function lastRetry(log: EventLog, setId: string): Promise<Retry | undefined> {
  let last: Retry | undefined;
  for await (const record of log.read({ subjects: [subjects.state(setId)] })) last = retryOf(record) ?? last;
  return last;
}

async function askForMissing({ log, logger }: AskAgainOptions, setId: string, retry: Retry): Promise<void> {
  const missing = await readMissing(log, setId, retry);
  if (missing.size === 0) return;
  const asked = await log.appendAll(requestsFor(log, missing, { setId, retry }));
  const { round, items } = retry.event.data;
  const entry = { event: 'asked-again', set: setId, round, items, asked };
  logger.info(entry, `round ${round}: ${asked} of ${items} items requested again`);
  if (missing.size > 0) {
    const indexes = [...missing.keys()].slice(0, 20);
    logger.error(
      { ...entry, indexes },
      `${missing.size} failed items can't be requested again: their requests are missing from the log or unreadable by this version.`,
    );
  }
}

/** The items of the retry that have not been requested since. */
async function readMissing(log: EventLog, setId: string, { seq, event }: Retry): Promise<FailedItems> {
  const { indexes } = event.data;
  const missing = await readFailedItems(log, setId, { ...(indexes && { indexes }), beforeSeq: seq });
  for await (const { event: later } of log.read({ subjects: [subjects.requested(setId, '*')], from: seq })) {
    if (later?.name === 'ItemRequested') missing.delete(later.data.index);
  }
  return missing;
}

/** The failed attempts' requests, unchanged except for the next attempt; removes each from `missing`. */
async function* requestsFor(
  log: EventLog,
  missing: FailedItems,
  { setId, retry }: { setId: string; retry: Retry },
): AsyncGenerator<SetlistEvent> {
  for await (const event of requestsOf(log, setId, missing)) {
    missing.delete(event.data.index);
    const context = eventContext({ setId }, { now: log.clock.now() });
    // All attempts of an item have the same parent in its trace.
    const { traceparent } = event;
    const place = traceparent === undefined ? {} : { traceparent };
    const data = { ...event.data, attempt: event.data.attempt + 1 };
    yield newEvent('ItemRequested', data, { ...context, causationId: retry.event.id, ...place });
  }
}
