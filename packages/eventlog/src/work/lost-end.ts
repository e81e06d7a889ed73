/** A power cut can take the end of the log, and leave what the broker remembers of its consumers. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { type Connection, isNothingThere, sessionOf, untilAnswered } from '../connection/connection.ts';
import type { Recorded } from '../reading/read.ts';

/** What the leader gave as the log's end. */
interface AskedEnd {
  readonly seq: number;
  /** The session in which the connection asked for it, and when, by `performance.now()`. */
  readonly session: string | undefined;
  readonly askedAt: number;
}
const asked = new WeakMap<Connection, AskedEnd>();

/** Shorter than brokers take to restart and elect a leader, which is when the log can lose its end. */
const KNOWN_FOR_MS = 1_000;

/**
 * Whether a sequence that was in the log is beyond its end, by the stream's leader. Many consumers are often looked at
 * one after the other: the leader is asked again only after a moment, or about a sequence beyond the end that it gave.
 */
export async function isAheadOfLog(
  connection: Connection,
  seq: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const session = sessionOf(connection);
  const askedAt = performance.now();
  const known = asked.get(connection);
  const isRecent =
    known && session !== undefined && known.session === session && askedAt - known.askedAt < KNOWN_FOR_MS;
  if (isRecent && seq <= known.seq) return false;
  const { state } = await untilAnswered(() => connection.jsm.streams.info(EVENTS_STREAM), signal);
  asked.set(connection, { seq: state.last_seq, session, askedAt });
  return seq > state.last_seq;
}

/** What the log has in a record's place: if another one, it has lost its end and grown again. */
export async function inPlaceOf(
  { jsm }: Connection,
  { seq, time }: Recorded,
  signal: AbortSignal,
): Promise<'itself' | 'another' | 'nothing'> {
  try {
    const there = await untilAnswered(() => jsm.streams.getMessage(EVENTS_STREAM, { seq }), signal);
    return there.time.getTime() === time.getTime() ? 'itself' : 'another';
  } catch (error) {
    if (!isNothingThere(error)) throw error;
    return 'nothing';
  }
}
