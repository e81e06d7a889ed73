/** Looking things up in the log: the first and last word on a subject, and how far the log goes. */
import { decodeEvent, EVENTS_STREAM, type SetlistEvent, type Undecodable } from '@setlist/contracts';
import type { JetStreamManager, JsMsg, StoredMsg } from 'nats';
import { type Connection, isNothingThere, untilAnswered } from '../connection/connection.ts';
import { inOneWrite } from '../connection/one-write.ts';
import { type Archived, generationIn } from '../maintenance/generation.ts';

/** A message of the log, with where and when the broker stored it. */
export interface Recorded {
  readonly seq: number;
  readonly subject: string;
  /** The broker's clock. */
  readonly time: Date;
  readonly raw: Uint8Array;
  /** Missing where the message is no event known here; then `problem` says why. */
  readonly event?: SetlistEvent;
  readonly problem?: Undecodable;
}

/**
 * A delivered record also knows how many of its selection are still to come, and whether it is the first of a reader that
 * was just made: the log may have lost its end since the record before.
 */
export type Delivered = Recorded & { readonly pending: number; readonly isFirst?: boolean };

function fromStored({ seq, subject, time, data: raw }: StoredMsg): Recorded {
  const decoded = decodeEvent(raw);
  const at = { seq, subject, time, raw };
  return decoded.ok ? { ...at, event: decoded.event } : { ...at, problem: decoded.problem };
}

export function fromDelivered({ subject, data: raw, info }: JsMsg): Delivered {
  const { streamSequence: seq, timestampNanos, pending } = info;
  const at = { seq, subject, time: new Date(timestampNanos / 1e6), raw, pending };
  const decoded = decodeEvent(raw);
  return decoded.ok ? { ...at, event: decoded.event } : { ...at, problem: decoded.problem };
}

type Query = { last_by_subj: string } | { seq: number; next_by_subj: string } | { seq: number };
/** The client offers direct gets, but leaves them out of its published type. */
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

const directGet = ({ jsm }: Connection, query: Query): Promise<Recorded | undefined> =>
  found(() => (jsm as WithDirect).direct.getMessage(EVENTS_STREAM, query));

/** The last message on a subject: for a sound, its state. */
export const lastOn = (connection: Connection, subject: string): Promise<Recorded | undefined> =>
  directGet(connection, { last_by_subj: subject });

/** By the stream's leader: slower, and never behind, where a cluster's followers may be. */
const getAtLeader = ({ jsm }: Connection, query: Query): Promise<Recorded | undefined> =>
  found(() => jsm.streams.getMessage(EVENTS_STREAM, query));

/** The last message on a subject, by the stream's leader. */
export const lastOnAtLeader = (connection: Connection, subject: string): Promise<Recorded | undefined> =>
  getAtLeader(connection, { last_by_subj: subject });

/** The first message on a subject at or after a sequence: for a set's life, how it began. */
export const firstOn = (
  connection: Connection,
  subject: string,
  fromSeq = 1,
): Promise<Recorded | undefined> => directGet(connection, { seq: fromSeq, next_by_subj: subject });

/** The same by the stream's leader. */
export const firstOnAtLeader = (
  connection: Connection,
  subject: string,
  fromSeq: number,
): Promise<Recorded | undefined> => getAtLeader(connection, { seq: fromSeq, next_by_subj: subject });

/** The message of a sequence; nothing where there is none. */
export const atSeq = (connection: Connection, seq: number): Promise<Recorded | undefined> =>
  directGet(connection, { seq });

/** Sequence of the log's newest message, 0 when it is empty. */
export async function headOf(connection: Connection): Promise<number> {
  return (await extentOf(connection)).lastSeq;
}

/** The log's newest message: its sequence, 0 when the log is empty, and when it was stored, in ms. */
export interface LogEnd {
  readonly seq: number;
  readonly timeMs: number;
}

export async function endOf({ jsm }: Connection): Promise<LogEnd> {
  const { state } = await untilAnswered(() => jsm.streams.info(EVENTS_STREAM));
  return { seq: state.last_seq, timeMs: Date.parse(state.last_ts) };
}

/** How far the log reaches, and what of it was moved to archives when its generation was begun. */
export interface LogExtent {
  /** Sequences of the first and the last message; 0 where there is none. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly messages: number;
  /** 1, and one more for each time that old sets were moved to an archive. */
  readonly generation: number;
  /** What is in archives: the only gaps that a log may have. */
  readonly archived: Archived;
}

export async function extentOf(connection: Connection): Promise<LogExtent> {
  const { state, config } = await untilAnswered(() => connection.jsm.streams.info(EVENTS_STREAM));
  return {
    firstSeq: state.messages === 0 ? 0 : state.first_seq,
    lastSeq: state.last_seq,
    messages: state.messages,
    ...generationIn(config.metadata),
  };
}
