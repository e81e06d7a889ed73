/** Reads one set from the log itself, since a projection can be slightly behind. */
import { type EventOf, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { pageOf } from '@setlist/sets';
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

/** How far to read: by default, everything. */
interface Until {
  readonly beforeSeq?: number | undefined;
  /** When it aborts, nothing more is read. */
  readonly signal?: AbortSignal | undefined;
}

/** The items that had failed before a sequence of the log: all of them, or those among `indexes`. */
export async function readFailedItems(
  log: EventLog,
  setId: string,
  {
    indexes,
    beforeSeq = Number.POSITIVE_INFINITY,
    signal,
  }: Until & { readonly indexes?: readonly number[] } = {},
): Promise<FailedItems> {
  const failed: FailedItems = new Map();
  for await (const { seq, event } of log.read({ subjects: [subjects.outcome(setId, '*', '*', '*')] })) {
    if (seq >= beforeSeq || signal?.aborted) break;
    noteOutcome(failed, event);
  }
  if (indexes) {
    const named = new Set(indexes);
    for (const index of failed.keys()) if (!named.has(index)) failed.delete(index);
  }
  return failed;
}

/** The most requests that are held at a time: their texts can be long. */
const MOST_REQUESTS = 64;

/** Looks up an item's failed attempt; undefined if its newest attempt has not failed. */
export type FailedAttempt = (index: number) => number | undefined | Promise<number | undefined>;

/**
 * The requests of failed attempts before a sequence of the log, without those that this version can't read: at most 64 at
 * a time, all of one page of items, as soon as they are read. A request that is in the log twice can come twice.
 */
export async function* requestsOf(
  log: EventLog,
  setId: string,
  failedAttempt: FailedAttempt,
  { beforeSeq = Number.POSITIVE_INFINITY, signal }: Until = {},
): AsyncGenerator<EventOf<'ItemRequested'>[]> {
  let page = 0;
  let requests: EventOf<'ItemRequested'>[] = [];
  for await (const { seq, event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (seq >= beforeSeq || signal?.aborted) break;
    if (event?.name !== 'ItemRequested') continue;
    const { index, attempt } = event.data;
    if (pageOf(index) !== page || requests.length === MOST_REQUESTS) {
      if (requests.length > 0) yield requests;
      page = pageOf(index);
      requests = [];
    }
    if ((await failedAttempt(index)) === attempt) requests.push(event);
  }
  if (requests.length > 0) yield requests;
}

/** The `traceparent` of the set's first event, which later events of its life share. */
export async function traceOfSet(log: Pick<EventLog, 'first'>, setId: string): Promise<string | undefined> {
  return (await log.first(subjects.state(setId)))?.event?.traceparent;
}
