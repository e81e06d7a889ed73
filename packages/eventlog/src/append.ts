/** Writing to the log: exactly once where it counts, and never lost to a broker that restarts. */
import { encodeEvent, type SetlistEvent, subjectOf } from '@setlist/contracts';
import { type Connection, isWrongLastSequence, untilAnswered } from './connection/connection.ts';
import { inOneWrite } from './connection/one-write.ts';
import { lastOnAtLeader, type Recorded } from './reading/read.ts';

/**
 * What became of an append: `stored` (now, or by an earlier try of the very same event), or `conflict`: the
 * subject had moved on, and `last` is what stands there now. `already` says that the event stood there before this
 * append's first try: whoever counts what was said leaves it out.
 */
export type Appended =
  | { readonly kind: 'stored'; readonly seq: number; readonly already?: true }
  | { readonly kind: 'conflict'; readonly last: Recorded | undefined };

/** What the subject's last sequence must be for the append to hold; 0: nothing there yet. */
export interface Expectation {
  readonly lastSeq: number;
}

/**
 * Appends by compare-and-set on the event's own subject. A try whose answer was lost is recognized by the
 * event's id when its repeat is refused, so an event is stored once however often it is tried.
 */
export async function appendExpecting(
  connection: Connection,
  event: SetlistEvent,
  expected: Expectation,
): Promise<Appended> {
  const subject = subjectOf(event);
  const bytes = encodeEvent(event);
  await inOneWrite();
  let tries = 0;
  try {
    const ack = await untilAnswered(() => {
      tries++;
      return connection.js.publish(subject, bytes, { expect: { lastSubjectSequence: expected.lastSeq } });
    });
    return { kind: 'stored', seq: ack.seq };
  } catch (error) {
    if (!isWrongLastSequence(error)) throw error;
  }
  const last = await lastOnAtLeader(connection, subject);
  if (last && last.event?.id === event.id && last.seq > expected.lastSeq)
    return { kind: 'stored', seq: last.seq, ...(tries === 1 && { already: true }) };
  return { kind: 'conflict', last };
}

/** How many unanswered publishes a stream of events may have under way. */
const WINDOW = 256;
/** So many leave in one write. */
const BATCH = 64;

/**
 * Appends many events in order, pipelined. Each carries its id, by which the broker drops a repeat within
 * two minutes; a later repeat is stored twice and changes nothing, since folds know ids and positions.
 * @returns how many were appended
 */
export async function appendAll(
  connection: Connection,
  events: Iterable<SetlistEvent> | AsyncIterable<SetlistEvent>,
): Promise<number> {
  const underWay: Promise<unknown>[] = [];
  const publish = (event: SetlistEvent): void => {
    const published = untilAnswered(() =>
      connection.js.publish(subjectOf(event), encodeEvent(event), { msgID: event.id }),
    );
    // Awaited below; this keeps an early failure from being reported as unhandled meanwhile.
    published.catch(() => undefined);
    underWay.push(published);
  };
  let appended = 0;
  let batch: SetlistEvent[] = [];
  const publishBatch = async (): Promise<void> => {
    while (underWay.length + batch.length > WINDOW) await underWay.shift();
    // What is published without a pause in between leaves in one write.
    batch.forEach(publish);
    appended += batch.length;
    batch = [];
  };
  for await (const event of events) {
    if (batch.push(event) === BATCH) await publishBatch();
  }
  await publishBatch();
  await Promise.all(underWay);
  return appended;
}
