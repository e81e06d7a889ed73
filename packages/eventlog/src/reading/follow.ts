/** Reads the log in order, up to its current end or without end, across restarts of the broker. */

import { randomUUID } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { EVENTS_STREAM, EVENTS_STREAM_SUBJECTS } from '@setlist/contracts';
import { sleep } from '@setlist/runtime';
import { AckPolicy, ConsumerEvents, type ConsumerMessages, NatsError, nanos } from 'nats';
import { BrokerUnavailable } from '../connection/broker-unavailable.ts';
import { type Connection, untilAnswered } from '../connection/connection.ts';
import { isClosed, isReaderLost } from '../connection/failures.ts';
import { type Delivery, deliveryOf } from './delivery.ts';
import { known } from './known-end.ts';
import { atSeq, type Delivered, fromDelivered, headOf, lastOnAtLeader, type Recorded } from './read.ts';
import { type ReaderPlace, watchReader } from './reader-watch.ts';
import { filterOf, type Selection, startOf } from './selection.ts';

const BATCH = 1_000;
const HEARTBEAT_MS = 1_000;
/** After this many missed heartbeats, times its patience, a reader counts as lost and is replaced. */
const HEARTBEATS_MISSED = 3;
/** In ms. Each consecutive reader that is lost this soon and delivered nothing doubles the next one's patience. */
const SOON_MS = 60_000;
/** The limit of the patience, with which silence of up to 24 s is tolerated. */
const MOST_PATIENCE = 8;
/** This many tries to make a reader have a short timeout, since the next can reach another node. */
const QUICK_TRIES = 3;
/** Pause after losing a reader while it was being opened, in ms. */
const REOPEN_AFTER_MS = 100;

/** Makes a consumer without acknowledgements, which the broker removes half a minute after its last use. */
async function makeReader(
  connection: Connection,
  selection: Selection,
  signal?: AbortSignal,
): Promise<string> {
  let tries = 0;
  // A new name for each try: a cluster can place a reader on a node that has just died, and leaves it there.
  const add = () =>
    (tries++ < QUICK_TRIES ? connection.readers : connection.jsm).consumers.add(EVENTS_STREAM, {
      name: `reader-${randomUUID()}`,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(30_000),
      mem_storage: true,
      num_replicas: 1,
      ...startOf(selection),
      ...filterOf(selection),
    });
  return (await untilAnswered(add, signal)).name;
}

/** Nothing if the broker was lost during the step, or restarted after making a reader and before opening it. */
async function unlessLost<T>(step: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (!isClosed(error) && !isReaderLost(error)) throw error;
    // A draining connection is not closed yet; without a pause, retrying at once would never let it close.
    await sleep(REOPEN_AFTER_MS);
    return undefined;
  }
}

async function readerMessages(connection: Connection, place: ReaderPlace, signal?: AbortSignal) {
  const name = await makeReader(connection, await beginningOf(connection, place), signal);
  const get = () => connection.js.consumers.get(EVENTS_STREAM, name);
  const consumer = await untilAnswered(get, signal);
  const messages = await consumer.consume({
    max_messages: BATCH,
    expires: 5_000,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  void closeWhenSilent(messages, HEARTBEATS_MISSED * place.patience);
  return messages;
}

/** Skips what was already searched, unless a power cut has taken that end of the log and other events have followed. */
async function beginningOf(connection: Connection, place: ReaderPlace): Promise<Selection> {
  const { from, searched } = place;
  if (searched === undefined || (typeof from === 'number' && from > searched.seq)) return place;
  const end = await atSeq(connection, searched.seq);
  if (end?.time.getTime() === searched.timeMs) return { ...place, from: searched.seq + 1 };
  delete place.searched;
  return place;
}

async function closeWhenSilent(messages: ConsumerMessages, mostMissed: number): Promise<void> {
  for await (const status of await messages.status()) {
    if (status.type === ConsumerEvents.HeartbeatsMissed && Number(status.data) >= mostMissed) {
      void messages.close();
      return;
    }
  }
}

/**
 * Reads without end, without a gap or a repeat, until aborted. If a reader is lost, with its connection or its broker,
 * another continues after the last record seen.
 */
export const follow = (
  connection: Connection,
  selection: Selection,
  signal?: AbortSignal,
): AsyncGenerator<Delivered> => records(connection, selection, { signal, toHead: false });

/**
 * Reads, in the log's order, up to the record that is the newest at the start.
 * @throws BrokerUnavailable if the connection is closed before
 */
export const readToHead = (connection: Connection, selection: Selection): AsyncGenerator<Recorded> =>
  records(connection, selection, { toHead: true });

/**
 * A cluster can place a reader on a node that lags behind the others. If the requested start is beyond that node's end,
 * the reader begins at that end instead, and it reports nothing pending before the log's real end. So neither its start
 * nor its pending count is trusted.
 *
 * One generator serves both functions: each further layer costs a second for a million records.
 */
async function* records(
  connection: Connection,
  selection: Selection,
  { signal, toHead }: Limits,
): AsyncGenerator<Delivered> {
  let last = Number.POSITIVE_INFINITY;
  const place: ReaderPlace = { ...selection, isIdle: true, patience: 1 };
  while (!signal?.aborted && !connection.nc.isClosed()) {
    const opened = await unlessLost(() => openReader(connection, place, { signal, toHead }), signal);
    if (!opened) continue;
    const { messages, end } = opened;
    last = Math.min(last, end);
    if (last === 0 || messages === undefined) return;
    using _stop = signal && addAbortListener(signal, () => void messages.close());
    using _watch = watchReader(connection, place, () => void messages.close());
    const madeMs = performance.now();
    let brought = false;
    try {
      let expected = 1;
      for await (const message of messages) {
        const delivery = deliveryOf(message);
        if (delivery.place !== expected) break;
        if (delivery.seq > last) return;
        expected++;
        if (liesBefore(place.from, delivery)) continue;
        place.isIdle = false;
        place.from = delivery.seq + 1;
        const record = fromDelivered(message, delivery);
        known(connection, record);
        yield brought ? record : { ...record, isFirst: true };
        brought = true;
        place.isIdle = true;
        if (signal?.aborted || delivery.seq === last) return;
      }
    } catch (error) {
      if (!(error instanceof NatsError)) throw error;
    } finally {
      void messages.close();
    }
    if (place.failure) throw place.failure.error;
    const wasSoon = !brought && performance.now() - madeMs < SOON_MS;
    place.patience = wasSoon ? Math.min(2 * place.patience, MOST_PATIENCE) : 1;
  }
  // Otherwise the caller would take a partial read for a complete one.
  if (toHead) {
    const cause = new Error('the connection was closed');
    throw new BrokerUnavailable('the log was not read to its end: the connection was closed', { cause });
  }
}

interface Limits {
  readonly signal?: AbortSignal | undefined;
  /** Whether to end at the record that is the newest now. */
  readonly toHead: boolean;
}

/** The next reader, and the sequence at which to end; no reader where there is nothing to read. */
async function openReader(connection: Connection, place: ReaderPlace, { signal, toHead }: Limits) {
  const end = (): Promise<number> => (toHead ? lastToRead : withoutEnd)(connection, place);
  if (!toHead || place.from !== 'last-of-each-subject') {
    const last = await end();
    return { end: last, messages: last === 0 ? undefined : await readerMessages(connection, place, signal) };
  }
  // Making the reader decides which messages are the last ones: an earlier end would leave out subjects with newer ones.
  const messages = await readerMessages(connection, place, signal);
  try {
    const last = await end();
    if (last === 0) void messages.close();
    return { end: last, messages: last === 0 ? undefined : messages };
  } catch (error) {
    void messages.close();
    throw error;
  }
}

function liesBefore(from: Selection['from'], { seq, timeMs }: Delivery): boolean {
  if (typeof from === 'number') return seq < from;
  return from instanceof Date && timeMs < from.getTime();
}

/** The limit of a follower: none. If a power cut has taken the log's end, reading continues at the new end. */
async function withoutEnd(connection: Connection, place: ReaderPlace): Promise<number> {
  if (typeof place.from === 'number') place.from = Math.min(place.from, (await headOf(connection)) + 1);
  return Number.POSITIVE_INFINITY;
}

/** The selection's newest sequence, by the stream's leader, which never lags; 0 if there is nothing to read. */
async function lastToRead(connection: Connection, { subjects, from = 1 }: Selection): Promise<number> {
  const everywhere = subjects?.length ? subjects : EVENTS_STREAM_SUBJECTS;
  const found = await Promise.all(everywhere.map((subject) => lastOnAtLeader(connection, subject)));
  const last = found.reduce((one, other) => ((other?.seq ?? 0) > (one?.seq ?? 0) ? other : one));
  if (last === undefined) return 0;
  const isBefore = typeof from === 'number' ? last.seq < from : from instanceof Date && last.time < from;
  return isBefore ? 0 : last.seq;
}
