/** Reading the log in order: everything up to now, or everything from now on, over every restart of the broker. */

import { randomUUID } from 'node:crypto';
import { EVENTS_STREAM } from '@setlist/contracts';
import { sleep } from '@setlist/runtime';
import { AckPolicy, ConsumerEvents, type ConsumerMessages, NatsError, nanos } from 'nats';
import { BrokerUnavailable } from './broker-unavailable.ts';
import { type Connection, isClosed, isReaderLost, untilAnswered } from './connection.ts';
import { onAbort } from './on-abort.ts';
import { type Delivered, fromDelivered, headOf, type Recorded } from './read.ts';
import { type ReaderPlace, watchReader } from './reader-watch.ts';
import { filterOf, type Selection, startOf } from './selection.ts';

const BATCH = 1_000;
const HEARTBEAT_MS = 1_000;
/** After so many missed heartbeats the reader is taken for lost and made anew. */
const HEARTBEATS_MISSED = 3;
/** Between losing a reader as it was opened and making another. */
const REOPEN_AFTER_MS = 100;

/** An unacknowledged reader that the broker forgets half a minute after its last use. */
async function makeReader(
  connection: Connection,
  selection: Selection,
  signal?: AbortSignal,
): Promise<{ name: string; pending: number }> {
  // A name for each try: a cluster may give a reader to a node that has just died, and leaves it there.
  const add = () =>
    connection.readers.consumers.add(EVENTS_STREAM, {
      name: `reader-${randomUUID()}`,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(30_000),
      mem_storage: true,
      num_replicas: 1,
      ...startOf(selection),
      ...filterOf(selection),
    });
  const { name, num_pending: pending } = await untilAnswered(add, signal);
  return { name, pending };
}

/** Nothing where the reader was lost between being made and being opened, as by a broker that restarted. */
async function openReader(
  connection: Connection,
  selection: Selection,
  signal?: AbortSignal,
): Promise<ConsumerMessages | undefined> {
  try {
    return await readerMessages(connection, selection, signal);
  } catch (error) {
    if (signal?.aborted) return undefined;
    if (!isClosed(error) && !isReaderLost(error)) throw error;
    // A connection that drains is not closed yet, and never would be if nobody let it.
    await sleep(REOPEN_AFTER_MS);
    return undefined;
  }
}

async function readerMessages(connection: Connection, selection: Selection, signal?: AbortSignal) {
  const { name } = await makeReader(connection, selection, signal);
  const get = () => connection.js.consumers.get(EVENTS_STREAM, name);
  const consumer = await untilAnswered(get, signal);
  const messages = await consumer.consume({
    max_messages: BATCH,
    expires: 5_000,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  void closeWhenSilent(messages);
  return messages;
}

async function closeWhenSilent(messages: ConsumerMessages): Promise<void> {
  for await (const status of await messages.status()) {
    if (status.type === ConsumerEvents.HeartbeatsMissed && Number(status.data) >= HEARTBEATS_MISSED) {
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

/** One generator for both: each layer of them costs a reader of a million records a second. */
async function* records(
  connection: Connection,
  selection: Selection,
  { signal, toHead }: { readonly signal?: AbortSignal | undefined; readonly toHead: boolean },
): AsyncGenerator<Delivered> {
  const last = toHead ? await lastToRead(connection, selection) : Number.POSITIVE_INFINITY;
  const place: ReaderPlace = { ...selection, isIdle: true };
  while (last > 0 && !signal?.aborted && !connection.nc.isClosed()) {
    const messages = await openReader(connection, place, signal);
    if (!messages) continue;
    using _stop = onAbort(signal, () => void messages.close());
    using _watch = watchReader(connection, place, () => void messages.close());
    try {
      let expected = 1;
      for await (const message of messages) {
        const { deliverySequence, streamSequence, pending } = message.info;
        if (deliverySequence !== expected) break;
        if (streamSequence > last) return;
        expected++;
        place.isIdle = false;
        place.from = streamSequence + 1;
        yield fromDelivered(message);
        place.isIdle = true;
        if (signal?.aborted || streamSequence === last || (toHead && pending === 0)) return;
      }
    } catch (error) {
      if (!(error instanceof NatsError)) throw error;
    } finally {
      void messages.close();
    }
    if (place.failure) throw place.failure.error;
  }
  // Whoever reads a whole takes a part for it otherwise.
  if (toHead && last > 0) {
    const cause = new Error('the connection was closed');
    throw new BrokerUnavailable('the log was not read to its end: the connection was closed', { cause });
  }
}

/** The log's newest sequence; 0 where nothing of the selection is there to be read. */
async function lastToRead(connection: Connection, selection: Selection): Promise<number> {
  const head = await headOf(connection);
  const { pending } = await makeReader(connection, selection);
  return pending === 0 ? 0 : head;
}
