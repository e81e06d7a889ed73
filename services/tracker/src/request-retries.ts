/** Requests the items of a retry again, and completes the requests of a retry that a dead tracker left unfinished. */
import { type EventOf, endsSet, newEvent, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog, Recorded, StoredEvent } from '@setlist/eventlog';
import { inParallel, type Logger } from '@setlist/runtime';
import { attemptsInPages } from './adapters/attempts-in-pages.ts';
import { type FailedAttempt, readFailedItems, requestsOf } from './adapters/set-in-log.ts';
import { eventContext } from './domain/event-context.ts';

export interface RequestRetriesOptions {
  readonly log: EventLog;
  readonly logger: Logger;
}

interface Retry extends StoredEvent {
  readonly event: EventOf<'SetRetried'>;
}

/** A set that may have a retry with missing requests: the given one or, if it is not known here, the last. */
interface Retried {
  readonly setId: string;
  readonly retry: Retry | undefined;
}

/** How many sets' retries are requested at once, so that a short one doesn't wait for a long one. */
const SETS_AT_ONCE = 4;

/**
 * Follows the sets' lives until aborted. `SetRetried` alone is the decision, and its requests follow from the log
 * before it: so any tracker can make them at any later start, and repeating them is harmless. At the start, every set
 * that has not ended is checked.
 */
export async function requestRetries(options: RequestRetriesOptions, signal: AbortSignal): Promise<void> {
  const failing = new AbortController();
  const ending = AbortSignal.any([signal, failing.signal]);
  await inParallel(retriedSets(options.log, ending), SETS_AT_ONCE, async ({ setId, retry }) => {
    try {
      const last = retry ?? (await lastRetry(options.log, setId));
      if (last) await askForMissing(options, setId, last, ending);
    } catch (error) {
      // Otherwise the failure would be known only with the next event that is followed.
      failing.abort();
      throw error;
    }
  });
}

async function* retriedSets(log: EventLog, signal: AbortSignal): AsyncGenerator<Retried> {
  const lookedAt = new Set<string>();
  const lives = { subjects: [subjects.state('*')], from: 'last-of-each-subject' } as const;
  for await (const record of log.follow(lives, signal)) {
    const setId = setOfSubject(record.subject);
    if (endsSet(record.event)) {
      lookedAt.delete(setId);
      continue;
    }
    const isKnown = lookedAt.has(setId) || record.event?.name === 'SetAccepted';
    lookedAt.add(setId);
    const retry = retryOf(record);
    if (retry || !isKnown) yield { setId, retry };
  }
}

const retryOf = ({ seq, event }: Recorded): Retry | undefined =>
  event?.name === 'SetRetried' ? { seq, event } : undefined;

async function lastRetry(log: EventLog, setId: string): Promise<Retry | undefined> {
  let last: Retry | undefined;
  for await (const record of log.read({ subjects: [subjects.state(setId)] })) last = retryOf(record) ?? last;
  return last;
}

/** A retry, and the items that have been requested for it so far. */
interface Asking {
  readonly setId: string;
  readonly retry: Retry;
  readonly asked: Set<number>;
  /** The last of their requests or, before there is any, the retry. */
  last: StoredEvent;
  /** Aborts when the rest is left to the next tracker. */
  readonly signal: AbortSignal;
  isCancelled: boolean;
}

/** Nothing more is to be requested, nor read for that. */
const isOver = ({ isCancelled, signal }: Asking): boolean => isCancelled || signal.aborted;

/** Finds the failed items by the set's pages, which allows it to begin at once, and by the log where these find too few. */
async function askForMissing(
  { log, logger }: RequestRetriesOptions,
  setId: string,
  retry: Retry,
  signal: AbortSignal,
): Promise<void> {
  const { seq, event } = retry;
  const { round, items, indexes } = event.data;
  const asked = new Set<number>();
  const asking: Asking = { setId, retry, asked, last: retry, signal, isCancelled: false };
  await noteAsked(asking, log);
  if (asked.size >= items) return;
  let requested = 0;
  let missing: number[] = [];
  const inPages = await attemptsInPages(log, setId, { upToSeq: seq, signal });
  if (inPages && !isOver(asking)) {
    const named = indexes && new Set(indexes);
    requested += await ask(log, asking, (index) =>
      named?.has(index) === false ? undefined : inPages(index),
    );
    // What another tracker requested meanwhile was no longer failed in the pages.
    if (asked.size < items && !isOver(asking)) await noteAsked(asking, log);
  }
  if (asked.size < items && !isOver(asking)) {
    const failed = await readFailedItems(log, setId, { ...(indexes && { indexes }), beforeSeq: seq, signal });
    requested += await ask(log, asking, (index) => failed.get(index));
    if (!isOver(asking)) missing = [...failed.keys()].filter((index) => !asked.has(index));
  }
  const entry = { event: 'asked-again', set: setId, round, items, asked: requested };
  if (requested > 0) logger.info(entry, `round ${round}: ${requested} of ${items} items requested again`);
  if (missing.length > 0) {
    logger.error(
      { ...entry, indexes: missing.slice(0, 20) },
      `${missing.length} failed items can't be requested again: their requests are missing from the log or unreadable by this version.`,
    );
  }
}

/** Notes what the log has requested for the retry. Requests of earlier rounds can be stored again after it. */
async function noteAsked(asking: Asking, log: EventLog): Promise<void> {
  const { setId, retry, asked, signal } = asking;
  const requests = { subjects: [subjects.requested(setId, '*')], from: retry.seq };
  for await (const { seq, event } of log.read(requests)) {
    if (signal.aborted) return;
    if (event?.name !== 'ItemRequested' || event.causationId !== retry.event.id) continue;
    asked.add(event.data.index);
    // A power cut may have taken what was last: that is to be noticed.
    if (seq > asking.last.seq) asking.last = { seq, event };
  }
}

/**
 * Requests what has failed and has not been requested yet, as soon as it is read, unless that is over.
 *
 * @returns how many items were requested
 * @throws LogEndLost if a power cut takes the retry or requests from the log
 */
async function ask(log: EventLog, asking: Asking, failedAttempt: FailedAttempt): Promise<number> {
  const { setId, retry, asked, signal } = asking;
  const before = asked.size;
  for await (const requests of requestsOf(log, setId, failedAttempt, { beforeSeq: retry.seq, signal })) {
    if (signal.aborted) break;
    asking.isCancelled = (await log.last(subjects.state(setId)))?.event?.name === 'SetCancelled';
    if (asking.isCancelled) break;
    const missing = requests.filter(({ data }) => !asked.has(data.index));
    const { last } = await log.appendAll(
      missing.map((request) => nextAttempt(request, { setId, retry, now: log.clock.now() })),
      asking.last,
    );
    asking.last = last ?? asking.last;
    for (const { data } of missing) asked.add(data.index);
    if (asked.size >= retry.event.data.items) break;
  }
  return asked.size - before;
}

/** A failed attempt's request, unchanged except for the attempt. */
function nextAttempt(
  { data, traceparent }: EventOf<'ItemRequested'>,
  { setId, retry, now }: Pick<Asking, 'setId' | 'retry'> & { readonly now: number },
): EventOf<'ItemRequested'> {
  // All attempts of an item have the same parent in its trace.
  const place = traceparent === undefined ? {} : { traceparent };
  const context = { ...eventContext({ setId }, { now }), causationId: retry.event.id, ...place };
  return newEvent('ItemRequested', { ...data, attempt: data.attempt + 1 }, context);
}
