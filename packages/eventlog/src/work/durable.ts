/** Durable consumers on the log: the broker remembers what was finished, no matter which replica did it. */

import { EVENTS_STREAM } from '@setlist/contracts';
import { sleep, sleepAtMost } from '@setlist/runtime';
import {
  AckPolicy,
  type Consumer,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JsMsg,
  nanos,
} from 'nats';
import { type Connection, sessionOf, untilAnswered } from '../connection/connection.ts';
import { isClosed, isConsumerMissing, isConsumerThere, isReaderLost } from '../connection/failures.ts';
import { type Delivered, fromDelivered, type Recorded } from '../reading/read.ts';
import { filterOf } from '../reading/selection.ts';
import { HandedOut, isAheadOfLog } from './lost-end.ts';
import { pull } from './pull.ts';

/** A record that the broker has handed out: to be finished, given back, or kept alive by heartbeats. */
export interface Handout<R extends Recorded = Recorded> {
  readonly record: R;
  /** Number of deliveries, this one included. After a restart, the broker can redeliver finished work. */
  readonly deliveries: number;
  /** How many times the consumer had handed out a record, redeliveries and this one included. */
  readonly place: number;
  /** How many records of the consumer had not been handed out yet when this one was. */
  readonly pending: number;
  /**
   * Acknowledges the record: it won't be redelivered. The acknowledgement is not confirmed, since a broker that is
   * killed forgets even confirmed ones: then the record is redelivered, and found done.
   */
  done(): void;
  /** Has it redelivered, after the delay if one is given. */
  giveBack(delayMs?: number): void;
  /** Heartbeat: the replica still works on it. */
  alive(): void;
}

export interface DurableOptions {
  /** The consumer's name; replicas that share it share its records. */
  readonly durable: string;
  /** Subjects of the log to read, with wildcards. */
  readonly subjects: readonly string[];
  /** How long a record can go without a heartbeat before it is redelivered, in ms. */
  readonly ackWaitMs: number;
  /**
   * The moment at which a new consumer starts reading. Called each time the consumer is opened; an existing consumer
   * continues where it is.
   */
  readonly from: () => Date;
}

export const handOut = <R extends Delivered>(message: JsMsg, record: R): Handout<R> => ({
  record,
  deliveries: record.deliveries,
  place: record.place,
  pending: record.pending,
  done: () => message.ack(),
  // The broker can't parse a fraction, and would redeliver at once.
  giveBack: (delayMs) => message.nak(delayMs && Math.ceil(delayMs)),
  alive: () => message.working(),
});

export interface DurableConfig {
  /** Where a new consumer starts, and what it reads. */
  readonly fixed: Partial<ConsumerConfig>;
  /** What an existing consumer takes over too. */
  readonly changeable: Partial<ConsumerConfig>;
}

/**
 * Makes a consumer whose records are acknowledged one by one. An existing one continues where it is. If a power cut has
 * taken the end of the log and left the consumer, it starts over: otherwise it would pass over as many new records as
 * were lost. Then finished records are handed out again.
 */
export async function ensureDurable(
  connection: Connection,
  durable: string,
  config: DurableConfig,
  signal?: AbortSignal,
): Promise<void> {
  const { delivered } = await madeOrChanged(connection, durable, config, signal);
  if (!(await isAheadOfLog(connection, delivered.stream_seq, signal))) return;
  await removeDurable(connection, durable, signal);
  await madeOrChanged(connection, durable, config, signal);
}

async function madeOrChanged(
  { jsm }: Connection,
  durable: string,
  { fixed, changeable }: DurableConfig,
  signal?: AbortSignal,
): Promise<ConsumerInfo> {
  const whole: Partial<ConsumerConfig> = {
    durable_name: durable,
    ack_policy: AckPolicy.Explicit,
    max_deliver: -1,
    ...fixed,
    ...changeable,
  };
  try {
    // JetStream also reports an identical existing consumer as made.
    return await untilAnswered(() => jsm.consumers.add(EVENTS_STREAM, whole), signal);
  } catch (error) {
    if (!isConsumerThere(error)) throw error;
    return untilAnswered(() => jsm.consumers.update(EVENTS_STREAM, durable, changeable), signal);
  }
}

/** The sequence up to which all records of a consumer are finished; nothing if none is left or it does not exist. */
export async function unfinishedAfter({ jsm }: Connection, durable: string): Promise<number | undefined> {
  try {
    const info = await untilAnswered(() => jsm.consumers.info(EVENTS_STREAM, durable));
    return info.num_pending + info.num_ack_pending > 0 ? info.ack_floor.stream_seq : undefined;
  } catch (error) {
    if (isConsumerMissing(error)) return undefined;
    throw error;
  }
}

/** The sequence up to which a consumer has handed out its records, to any replica; nothing if it does not exist. */
export async function handedOutUpTo({ jsm }: Connection, durable: string): Promise<number | undefined> {
  try {
    return (await untilAnswered(() => jsm.consumers.info(EVENTS_STREAM, durable))).delivered.stream_seq;
  } catch (error) {
    if (isConsumerMissing(error)) return undefined;
    throw error;
  }
}

/** Removes a consumer, if it is there. */
export async function removeDurable(
  { jsm }: Connection,
  durable: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await untilAnswered(() => jsm.consumers.delete(EVENTS_STREAM, durable), signal);
  } catch (error) {
    if (!isConsumerMissing(error)) throw error;
  }
}

/** How many looks in a row have to find a consumer unread before it is removed. */
const LOOKS = 3;

/**
 * Removes a consumer that nobody reads: several looks, `everyMs` apart, find no pull waiting, and nothing delivered or
 * acknowledged in between. One look is not enough, since a reader has no pull waiting while it is busy with records. A
 * reader that is busy with the same records throughout loses its consumer: it makes a new one, and starts over.
 */
export async function removeUnread(
  connection: Connection,
  durable: string,
  everyMs: number,
  signal: AbortSignal,
): Promise<void> {
  const look = () => connection.jsm.consumers.info(EVENTS_STREAM, durable);
  let before: string | undefined;
  try {
    for (let looks = 1; ; looks++) {
      const { num_waiting, delivered, ack_floor, num_ack_pending } = await untilAnswered(look, signal);
      const now = `${delivered.consumer_seq} ${ack_floor.consumer_seq} ${num_ack_pending}`;
      if (num_waiting > 0 || now !== (before ?? now)) return;
      if (looks === LOOKS) break;
      before = now;
      await sleepAtMost(everyMs, signal);
      if (signal.aborted) return;
    }
    await removeDurable(connection, durable);
  } catch (error) {
    if (!isConsumerMissing(error)) throw error;
  }
}

/** Duration of one pull, in ms, after which a pull that a killed broker forgot is repeated. */
const PULL_MS = 1_000;
const REOPEN_AFTER_MS = 100;

/**
 * Hands out the records of a durable consumer until aborted, one at a time and only when the next is asked for. It
 * survives restarts of the broker, and makes the consumer if it is missing or gets lost, or if the log has lost its end
 * ({@link ensureDurable}). Unfinished records are not limited, so that delayed ones never keep others waiting.
 */
export async function* readDurable(
  connection: Connection,
  options: DurableOptions,
  signal: AbortSignal,
): AsyncGenerator<Handout> {
  let opened: { readonly consumer: Consumer; readonly session: string | undefined } | undefined;
  let handedOut = new HandedOut(connection);
  while (!signal.aborted && !connection.nc.isClosed()) {
    try {
      const session = sessionOf(connection);
      if (opened === undefined || session === undefined || opened.session !== session) {
        const consumer = await openDurable(connection, options, signal);
        // Only now: if the log has nothing there even after the opening, the consumer was opened at its end or before.
        if (await handedOut.isReplaced(session, signal)) {
          await removeDurable(connection, options.durable, signal);
          handedOut = new HandedOut(connection);
          continue;
        }
        opened = { consumer, session };
      }
      for await (const message of pull(opened.consumer, { max: 1, waitMs: PULL_MS, signal })) {
        if (signal.aborted) message.nak();
        else {
          const record = fromDelivered(message);
          handedOut.add(record);
          yield handOut(message, record);
        }
      }
    } catch (error) {
      if (signal.aborted || isClosed(error)) return;
      if (!isReaderLost(error)) throw error;
      opened = undefined;
      await sleep(REOPEN_AFTER_MS);
    }
  }
}

async function openDurable(
  connection: Connection,
  { durable, subjects, ackWaitMs, from }: DurableOptions,
  signal: AbortSignal,
): Promise<Consumer> {
  const changeable = { ack_wait: nanos(ackWaitMs), max_ack_pending: -1 };
  const fixed = {
    ...filterOf({ subjects }),
    deliver_policy: DeliverPolicy.StartTime,
    opt_start_time: from().toISOString(),
  };
  await ensureDurable(connection, durable, { fixed, changeable }, signal);
  return untilAnswered(() => connection.js.consumers.get(EVENTS_STREAM, durable), signal);
}
