/** Work: one durable pull consumer on the log for each set and lane, shared by all dispatchers. */
import {
  EVENTS_STREAM,
  type EventOf,
  MANIFESTS_DURABLE,
  NOTIFIER_DURABLE,
  parseWorkDurable,
  subjects,
  workDurable,
} from '@setlist/contracts';
import { type Consumer, DeliverPolicy, nanos } from 'nats';
import { type Connection, untilAnswered } from '../connection/connection.ts';
import { isConsumerMissing } from '../connection/failures.ts';
import { type Delivered, fromDelivered, type Recorded } from '../reading/read.ts';
import { ensureDurable, type Handout, handOut, removeDurable } from './durable.ts';
import { pull } from './pull.ts';

export interface Lane {
  readonly setId: string;
  readonly lane: string;
}

export interface LaneOptions {
  /** Sequence of the event that opened the round: requests before it belong to an earlier one. */
  readonly fromSeq: number;
  /** How long a request in progress can go without a heartbeat before it is redelivered, in ms. */
  readonly ackWaitMs: number;
  /** Maximum number of requests that are taken and not finished, over all replicas. */
  readonly maxUnfinished: number;
}

/** A request taken from a lane; finished once its outcome is in the log. */
export type Work = Handout<Recorded & { event: EventOf<'ItemRequested'> }>;

/** Makes the lane's consumer. An existing one continues where it is, with these options ({@link ensureDurable}). */
export async function openLane(connection: Connection, at: Lane, options: LaneOptions): Promise<void> {
  const changeable = { ack_wait: nanos(options.ackWaitMs), max_ack_pending: options.maxUnfinished };
  const fixed = {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: options.fromSeq,
    filter_subject: subjects.requested(at.setId, at.lane),
  };
  try {
    await ensureDurable(connection, workDurable(at.setId, at.lane), { fixed, changeable });
  } catch (error) {
    // Another replica has just closed it; the comparison of lanes with open sets makes it again.
    if (!isConsumerMissing(error)) throw error;
  }
}

/** Removes the lane's consumer, if it exists. */
export async function closeLane(connection: Connection, at: Lane): Promise<void> {
  await removeDurable(connection, workDurable(at.setId, at.lane));
}

/** A lane that has a consumer, and how many of its requests are unfinished: not taken yet, or in progress. */
export type ExistingLane = Lane & { readonly unfinished: number };

/** The lanes whose consumers exist. */
export async function existingLanes(connection: Connection): Promise<ExistingLane[]> {
  return await untilAnswered(async () => {
    // By name: a cluster that misses a node can list the same consumer several times.
    const lanes = new Map<string, ExistingLane>();
    for await (const info of connection.jsm.consumers.list(EVENTS_STREAM)) {
      const lane = parseWorkDurable(info.name);
      if (lane) lanes.set(info.name, { ...lane, unfinished: info.num_pending + info.num_ack_pending });
    }
    return [...lanes.values()];
  });
}

/**
 * Removes the consumers of all services. Each service makes its own again, and starts over: records that were finished
 * are handed out again.
 */
export async function removeConsumers(connection: Connection): Promise<void> {
  for (const durable of [NOTIFIER_DURABLE, MANIFESTS_DURABLE]) await removeDurable(connection, durable);
  for (const lane of await existingLanes(connection)) await closeLane(connection, lane);
}

/** Delay before an unreadable message whose handling failed is redelivered, in ms. */
const GIVE_BACK_MS = 1_000;

export interface TakeOptions {
  readonly max: number;
  /** How long to wait for requests, in ms; at least a second. */
  readonly waitMs: number;
  /** Handles a message that is not a readable request. It is redelivered only if that fails. */
  readonly onUnreadable: (record: Recorded) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Takes work from one lane. */
export class LaneReader {
  readonly #connection: Connection;
  readonly #durable: string;
  #consumer: Consumer | undefined;

  constructor(connection: Connection, at: Lane) {
    this.#connection = connection;
    this.#durable = workDurable(at.setId, at.lane);
  }

  /**
   * Takes up to `max` requests; fewer, or none, if no more come in time or the signal aborts. Requests that are on
   * their way when it aborts are still yielded, so that they can be given back.
   * Throws if the lane is gone or the broker is starting ({@link isReaderLost}).
   */
  async *take(options: TakeOptions): AsyncGenerator<Work> {
    const { max, waitMs, onUnreadable, signal } = options;
    const consumer = await this.#found();
    if (signal.aborted) return;
    for await (const message of pull(consumer, { max, waitMs, signal })) {
      const record = fromDelivered(message);
      if (isRequest(record)) yield handOut(message, record);
      else {
        await onUnreadable(record).then(
          () => message.term(),
          () => message.nak(GIVE_BACK_MS),
        );
      }
    }
  }

  /** As of a request taken now. Throws if the lane is gone or the broker is starting ({@link isReaderLost}). */
  async progress(): Promise<Pick<Work, 'place' | 'pending'>> {
    const consumer = await this.#found();
    const { delivered, num_pending: pending } = await consumer.info();
    return { place: delivered.consumer_seq, pending };
  }

  async #found(): Promise<Consumer> {
    this.#consumer ??= await untilAnswered(() =>
      this.#connection.js.consumers.get(EVENTS_STREAM, this.#durable),
    );
    return this.#consumer;
  }
}

const isRequest = (record: Delivered): record is Delivered & Work['record'] =>
  record.event?.name === 'ItemRequested';
