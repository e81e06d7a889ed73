/** Writes to the log: exactly once where it matters, and without loss when the broker restarts. */
import { encodeEvent, type SetlistEvent, subjectOf } from '@setlist/contracts';
import { type Connection, untilAnswered } from './connection/connection.ts';
import { isWrongLastSequence } from './connection/failures.ts';
import { inOneWrite } from './connection/one-write.ts';
import { ExpectedEnd, type StoredEvent } from './reading/known-end.ts';
import { lastOnAtLeader, type Recorded } from './reading/read.ts';

/**
 * The result of an append: `stored` (now, or by an earlier try of the very same event), or `conflict`: the subject
 * had moved on, and `last` is its newest message. `already` means that the event was stored before this append's
 * first try, so that counters of events skip it.
 */
export type Appended =
  | { readonly kind: 'stored'; readonly seq: number; readonly already?: true }
  | { readonly kind: 'conflict'; readonly last: Recorded | undefined };

/** The last sequence that the subject must have for the append to succeed; 0 means that it is still empty. */
export interface Expectation {
  readonly lastSeq: number;
}

/**
 * Appends by compare-and-set on the event's own subject. If the answer to a try was lost, the retry is refused and the
 * stored event is recognized by its id, so an event is stored once no matter how often it is tried.
 *
 * @throws once the signal aborts, after which no try starts; one that was not answered may still be stored
 */
export async function appendExpecting(
  connection: Connection,
  event: SetlistEvent,
  expected: Expectation,
  signal?: AbortSignal,
): Promise<Appended> {
  const subject = subjectOf(event);
  const bytes = encodeEvent(event);
  await inOneWrite();
  let tries = 0;
  try {
    const ack = await untilAnswered(() => {
      signal?.throwIfAborted();
      tries++;
      return connection.js.publish(subject, bytes, { expect: { lastSubjectSequence: expected.lastSeq } });
    }, signal);
    return { kind: 'stored', seq: ack.seq };
  } catch (error) {
    if (!isWrongLastSequence(error)) throw error;
  }
  const last = await lastOnAtLeader(connection, subject);
  if (last && last.event?.id === event.id && last.seq > expected.lastSeq)
    return { kind: 'stored', seq: last.seq, ...(tries === 1 && { already: true }) };
  return { kind: 'conflict', last };
}

/** Maximum number of unacknowledged publishes in flight. */
const WINDOW = 256;
/** How many events are published in one write to the socket. */
const BATCH = 64;

/** How many events were published, and which of them is the last one in the log. */
export interface AppendedAll {
  readonly count: number;
  readonly last: StoredEvent | undefined;
}

/**
 * Appends many events in order, pipelined. Each carries its id, by which the broker drops a repeat within two
 * minutes. A later repeat is stored again but changes nothing, since folds check ids and positions.
 * @param after what the events build on. With it, nothing is written any more once a power cut has taken it from the
 * log, or any event that was stored here
 * @throws LogEndLost
 */
export async function appendAll(
  connection: Connection,
  events: Iterable<SetlistEvent> | AsyncIterable<SetlistEvent>,
  after?: StoredEvent,
): Promise<AppendedAll> {
  const underWay: Promise<unknown>[] = [];
  const end = after && new ExpectedEnd(connection, after);
  let last: StoredEvent | undefined;
  const publish = (event: SetlistEvent): void => {
    const published = untilAnswered(async () => {
      const session = await end?.confirmed();
      const { seq } = await connection.js.publish(subjectOf(event), encodeEvent(event), { msgID: event.id });
      end?.moved({ seq, event }, session);
      if (seq > (last?.seq ?? 0)) last = { seq, event };
    });
    // Awaited below; until then this keeps an early failure from being reported as unhandled.
    published.catch(() => undefined);
    underWay.push(published);
  };
  let count = 0;
  let batch: SetlistEvent[] = [];
  const publishBatch = async (): Promise<void> => {
    while (underWay.length + batch.length > WINDOW) await underWay.shift();
    // Each batch has a turn of the event loop to itself: it leaves in one write, and other work of this process is not
    // held up by the many batches that one read of acknowledgements makes room for.
    await inOneWrite();
    batch.forEach(publish);
    count += batch.length;
    batch = [];
  };
  for await (const event of events) {
    if (batch.push(event) === BATCH) await publishBatch();
  }
  await publishBatch();
  await Promise.all(underWay);
  return { count, last };
}
