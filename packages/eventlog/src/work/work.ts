/** Work: one durable pull consumer for each set and lane, straight on the log, shared by all dispatchers. */
import { EVENTS_STREAM, type EventOf, parseWorkDurable, subjects, workDurable } from '@setlist/contracts';
import { type Consumer, DeliverPolicy, nanos } from 'nats';
import { type Connection, isConsumerMissing, untilAnswered } from '../connection/connection.ts';
import { fromDelivered, type Recorded } from '../reading/read.ts';
import { changeDurable, type Handout, handOut, makeDurable, removeDurable } from './durable.ts';
import { pull } from './pull.ts';

export interface Lane {
  readonly setId: string;
  readonly lane: string;
}

export interface LaneOptions {
  /** Sequence of the event that opened the round: requests before it belong to an earlier one. */
  readonly fromSeq: number;
  /** How long a taken piece of work may go without a sign of life before another replica gets it, in ms. */
  readonly ackWaitMs: number;
  /** How many pieces may be taken and not finished, over all replicas. */
  readonly maxUnfinished: number;
}

/** A request taken from a lane; finished once its outcome is in the log. */
export type Work = Handout<Recorded & { event: EventOf<'ItemRequested'> }>;

/** Makes the lane's consumer; one that is there already goes on where it stands, by these options. */
export async function openLane(connection: Connection, at: Lane, options: LaneOptions): Promise<void> {
  const durable = workDurable(at.setId, at.lane);
  const changeable = { ack_wait: nanos(options.ackWaitMs), max_ack_pending: options.maxUnfinished };
  const made = await makeDurable(connection, durable, {
    ...changeable,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: options.fromSeq,
    filter_subject: subjects.requested(at.setId, at.lane),
  });
  // One that is the same in all is not told from one that was made.
  if (made === 'made') return;
  await changeDurable(connection, durable, changeable).catch((error: unknown) => {
    // Closed meanwhile by another replica: whoever compares lanes with open sets makes it again.
    if (!isConsumerMissing(error)) throw error;
  });
}

/** Removes the lane's consumer, if it is there. */
export async function closeLane(connection: Connection, at: Lane): Promise<void> {
  await removeDurable(connection, workDurable(at.setId, at.lane));
}

/** A lane that has a consumer, and how many of its requests are not finished: not taken yet, or under way. */
export type ExistingLane = Lane & { readonly unfinished: number };

/** The lanes whose consumers exist. */
export async function existingLanes(connection: Connection): Promise<ExistingLane[]> {
  // By name: a cluster that misses a node may list the same one several times.
  const lanes = new Map<string, ExistingLane>();
  for await (const info of connection.jsm.consumers.list(EVENTS_STREAM)) {
    const lane = parseWorkDurable(info.name);
    if (lane) lanes.set(info.name, { ...lane, unfinished: info.num_pending + info.num_ack_pending });
  }
  return [...lanes.values()];
}

/** When a message that could not be seen to comes again, in ms. */
const GIVE_BACK_MS = 1_000;

export interface TakeOptions {
  readonly max: number;
  /** How long to wait for the first piece, in ms; a second at the least. */
  readonly waitMs: number;
  /** Sees to a message that is no readable request. It is handed out again only where that failed. */
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
   * Takes up to `max` pieces; fewer, or none, when no more come in time or the signal aborts. Pieces that are on
   * their way when it aborts still come, so that they can be given back.
   * Throws when the lane is gone or the broker starts ({@link isReaderLost}).
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

  /** How many pieces nobody has taken yet. Throws when the lane is gone or the broker starts ({@link isReaderLost}). */
  async untaken(): Promise<number> {
    const consumer = await this.#found();
    return (await consumer.info()).num_pending;
  }

  async #found(): Promise<Consumer> {
    this.#consumer ??= await untilAnswered(() =>
      this.#connection.js.consumers.get(EVENTS_STREAM, this.#durable),
    );
    return this.#consumer;
  }
}

const isRequest = (record: Recorded): record is Work['record'] => record.event?.name === 'ItemRequested';
