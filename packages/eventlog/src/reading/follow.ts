/** Reading the log in order: everything up to now, or everything from now on, over every restart of the broker. */

import { randomUUID } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { EVENTS_STREAM, EVENTS_STREAM_SUBJECTS } from '@setlist/contracts';
import { sleep } from '@setlist/runtime';
import { AckPolicy, ConsumerEvents, type ConsumerMessages, type DeliveryInfo, NatsError, nanos } from 'nats';
import { BrokerUnavailable } from '../connection/broker-unavailable.ts';
import { type Connection, isClosed, isReaderLost, untilAnswered } from '../connection/connection.ts';
import { atSeq, type Delivered, fromDelivered, headOf, lastOnAtLeader, type Recorded } from './read.ts';
import { type ReaderPlace, watchReader } from './reader-watch.ts';
import { filterOf, type Selection, startOf } from './selection.ts';

const BATCH = 1_000;
const HEARTBEAT_MS = 1_000;
/** After so many missed heartbeats, times its patience, the reader is taken for lost and made anew. */
const HEARTBEATS_MISSED = 3;
/** Each reader in a row that was lost this soon and brought nothing doubles the patience with the next: 24 s at the most. */
const SOON_MS = 60_000;
const MOST_PATIENCE = 8;
/** So many tries to make a reader are given up early, since the next may go to another node; further ones wait longer. */
const QUICK_TRIES = 3;
/** Between losing a reader as it was opened and making another. */
const REOPEN_AFTER_MS = 100;

/** An unacknowledged reader that the broker forgets half a minute after its last use. */
async function makeReader(
  connection: Connection,
  selection: Selection,
  signal?: AbortSignal,
): Promise<string> {
  let tries = 0;
  // A name for each try: a cluster may give a reader to a node that has just died, and leaves it there.
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

/** Nothing where the broker was lost meanwhile, or restarted between a reader's being made and being opened. */
async function unlessLost<T>(step: () => Promise<T>, signal?: AbortSignal): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (!isClosed(error) && !isReaderLost(error)) throw error;
    // A connection that drains is not closed yet, and never would be if nobody let it.
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

/** Behind what was searched already, as long as that end is in the log: a power cut may have taken it, and others come. */
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
 * Reads on for ever, without a gap or a repeat, until aborted. A reader that is lost, with its connection or
 * its broker, is made anew behind the last record seen.
 */
export const follow = (
  connection: Connection,
  selection: Selection,
  signal?: AbortSignal,
): AsyncGenerator<Delivered> => records(connection, selection, { signal, toHead: false });

/** Reads up to what is the newest at the start, then ends. The order is the log's. */
export const readToHead = (connection: Connection, selection: Selection): AsyncGenerator<Recorded> =>
  records(connection, selection, { toHead: true });

/**
 * A cluster may give a reader to a node that is catching up with the others. There it begins at that node's own end, where
 * what is asked for lies beyond it, and has nothing more to come before the log's end: neither is believed.
 *
 * One generator for both: each layer of them costs a reader of a million records a second.
 */
async function* records(
  connection: Connection,
  selection: Selection,
  { signal, toHead }: { readonly signal?: AbortSignal | undefined; readonly toHead: boolean },
): AsyncGenerator<Delivered> {
  let last = Number.POSITIVE_INFINITY;
  const place: ReaderPlace = { ...selection, isIdle: true, patience: 1 };
  while (!signal?.aborted && !connection.nc.isClosed()) {
    const end = await unlessLost(() => (toHead ? lastToRead : withoutEnd)(connection, place), signal);
    if (end === undefined) continue;
    last = Math.min(last, end);
    if (last === 0) return;
    const messages = await unlessLost(() => readerMessages(connection, place, signal), signal);
    if (!messages) continue;
    using _stop = signal && addAbortListener(signal, () => void messages.close());
    using _watch = watchReader(connection, place, () => void messages.close());
    const madeMs = performance.now();
    let brought = false;
    try {
      let expected = 1;
      for await (const message of messages) {
        const { deliverySequence, streamSequence } = message.info;
        if (deliverySequence !== expected) break;
        if (streamSequence > last) return;
        expected++;
        if (liesBefore(place.from, message.info)) continue;
        place.isIdle = false;
        place.from = streamSequence + 1;
        yield brought ? fromDelivered(message) : { ...fromDelivered(message), isFirst: true };
        brought = true;
        place.isIdle = true;
        if (signal?.aborted || streamSequence === last) return;
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
  // Whoever reads a whole takes a part for it otherwise.
  if (toHead) {
    const cause = new Error('the connection was closed');
    throw new BrokerUnavailable('the log was not read to its end: the connection was closed', { cause });
  }
}

function liesBefore(from: Selection['from'], { streamSequence, timestampNanos }: DeliveryInfo): boolean {
  if (typeof from === 'number') return streamSequence < from;
  // So many nanoseconds are a number only to the next 256: what lies at the very millisecond must not fall out by that.
  return from instanceof Date && Math.ceil(timestampNanos / 1e6) < from.getTime();
}

/** Reads on for ever. Where a power cut took the log's own end, the new one is read, and not from where the old one was. */
async function withoutEnd(connection: Connection, place: ReaderPlace): Promise<number> {
  if (typeof place.from === 'number') place.from = Math.min(place.from, (await headOf(connection)) + 1);
  return Number.POSITIVE_INFINITY;
}

/** The selection's newest sequence, by the one node that is never behind; 0 where nothing of it is there to be read. */
async function lastToRead(connection: Connection, { subjects, from = 1 }: Selection): Promise<number> {
  const everywhere = subjects?.length ? subjects : EVENTS_STREAM_SUBJECTS;
  const found = await Promise.all(everywhere.map((subject) => lastOnAtLeader(connection, subject)));
  const last = found.reduce((one, other) => ((other?.seq ?? 0) > (one?.seq ?? 0) ? other : one));
  if (last === undefined || from === 'now') return 0;
  const isBefore = typeof from === 'number' ? last.seq < from : from instanceof Date && last.time < from;
  return isBefore ? 0 : last.seq;
}
