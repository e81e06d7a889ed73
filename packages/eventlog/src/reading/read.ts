/** Look-ups in the log: the first and the last message on a subject, and the log's extent. */
import { decodeEvent, EVENTS_STREAM, type SetlistEvent, type Undecodable } from '@setlist/contracts';
import type { JetStreamManager, JsMsg, StoredMsg } from 'nats';
import { type Connection, untilAnswered } from '../connection/connection.ts';
import { isNothingThere } from '../connection/failures.ts';
import { inOneWrite } from '../connection/one-write.ts';
import { type Archived, generationIn } from '../maintenance/generation.ts';
import { type Delivery, deliveryOf } from './delivery.ts';

/** A message of the log, with its sequence and the time at which the broker stored it. */
export interface Recorded {
  readonly seq: number;
  readonly subject: string;
  /** By the broker's clock. */
  readonly time: Date;
  readonly raw: Uint8Array;
  /** Missing if the message is not an event known to this version; then `problem` says why. */
  readonly event?: SetlistEvent;
  readonly problem?: Undecodable;
}

/**
 * A delivered record also says its place in its selection, how many are still to come, how many times it was delivered,
 * and whether it is the first one from a new reader: the log can have lost its end since the previous record.
 */
export type Delivered = Recorded &
  Pick<Delivery, 'place' | 'pending' | 'deliveries'> & { readonly isFirst?: boolean };

/** A stored message with its event decoded. */
export function recordedOf(message: Omit<Recorded, 'event' | 'problem'>): Recorded {
  const decoded = decodeEvent(message.raw);
  return decoded.ok ? { ...message, event: decoded.event } : { ...message, problem: decoded.problem };
}

const fromStored = ({ seq, subject, time, data: raw }: StoredMsg): Recorded =>
  recordedOf({ seq, subject, time, raw });

export function fromDelivered(message: JsMsg, delivery = deliveryOf(message)): Delivered {
  const { subject, data: raw } = message;
  const { seq, timeMs, place, pending, deliveries } = delivery;
  const decoded = decodeEvent(raw);
  const at = { seq, subject, time: new Date(timeMs), raw, place, pending, deliveries };
  return decoded.ok ? { ...at, event: decoded.event } : { ...at, problem: decoded.problem };
}

type Query = { last_by_subj: string } | { seq: number; next_by_subj: string } | { seq: number };
/** The client's published type omits its direct gets. */
type WithDirect = JetStreamManager & {
  readonly direct: { getMessage(stream: string, query: Query): Promise<StoredMsg> };
};

async function found(get: () => Promise<StoredMsg>): Promise<Recorded | undefined> {
  await inOneWrite();
  try {
    return fromStored(await untilAnswered(get));
  } catch (error) {
    if (isNothingThere(error)) return undefined;
    throw error;
  }
}

/** Asks the node that this process is connected to, which on a cluster can lag behind the others. */
const directGet = ({ jsm }: Connection, query: Query): Promise<Recorded | undefined> =>
  found(() => (jsm as WithDirect).direct.getMessage(EVENTS_STREAM, query));

/** The last message on a subject; for a sound, its state. */
export const lastOn = (connection: Connection, subject: string): Promise<Recorded | undefined> =>
  directGet(connection, { last_by_subj: subject });

/** Asks the stream's leader: slower, but never behind, as a cluster's followers can be. */
const getAtLeader = ({ jsm }: Connection, query: Query): Promise<Recorded | undefined> =>
  found(() => jsm.streams.getMessage(EVENTS_STREAM, query));

/** The last message on a subject, from the stream's leader. */
export const lastOnAtLeader = (connection: Connection, subject: string): Promise<Recorded | undefined> =>
  getAtLeader(connection, { last_by_subj: subject });

/** A node that lags has no other message in this one's place, but it may not have it yet: then the leader is asked. */
const directOrAtLeader = async (connection: Connection, query: Query): Promise<Recorded | undefined> =>
  (await directGet(connection, query)) ?? (await getAtLeader(connection, query));

/** The first message on a subject at or after a sequence; on a set's state subject, how the set began. */
export const firstOn = (
  connection: Connection,
  subject: string,
  fromSeq = 1,
): Promise<Recorded | undefined> => directOrAtLeader(connection, { seq: fromSeq, next_by_subj: subject });

/** The same from the stream's leader. */
export const firstOnAtLeader = (
  connection: Connection,
  subject: string,
  fromSeq: number,
): Promise<Recorded | undefined> => getAtLeader(connection, { seq: fromSeq, next_by_subj: subject });

/** The message at a sequence; nothing if there is none. */
export const atSeq = (connection: Connection, seq: number): Promise<Recorded | undefined> =>
  directOrAtLeader(connection, { seq });

/** Sequence of the log's newest message, 0 if the log is empty. */
export async function headOf(connection: Connection): Promise<number> {
  return (await extentOf(connection)).lastSeq;
}

/** The log's newest message: its sequence, 0 if the log is empty, and when it was stored, in ms since 1970. */
export interface LogEnd {
  readonly seq: number;
  readonly timeMs: number;
}

export async function endOf({ jsm }: Connection): Promise<LogEnd> {
  const { state } = await untilAnswered(() => jsm.streams.info(EVENTS_STREAM));
  return { seq: state.last_seq, timeMs: Date.parse(state.last_ts) };
}

/** How far the log reaches, and how much of it has been moved to archives. */
export interface LogExtent {
  /** Sequence of the newest message that was ever stored; 0 if there was none. */
  readonly lastSeq: number;
  /** Starts at 1 and grows by one each time old sets are moved to an archive. */
  readonly generation: number;
  /** What is in archives, which accounts for the only gaps that a log can have. */
  readonly archived: Archived;
}

export async function extentOf(connection: Connection): Promise<LogExtent> {
  const { state, config } = await untilAnswered(() => connection.jsm.streams.info(EVENTS_STREAM));
  return { lastSeq: state.last_seq, ...generationIn(config.metadata) };
}
