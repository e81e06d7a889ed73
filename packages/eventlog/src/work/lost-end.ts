/** A power cut can take the end of the log, and leave what the broker remembers of its consumers. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { type Connection, isNothingThere, sessionOf, untilAnswered } from '../connection/connection.ts';
import type { Recorded } from '../reading/read.ts';

/** The log's end when a connection last asked for it, and the session in which it asked. */
const ends = new WeakMap<Connection, { readonly session: string; readonly seq: number }>();

/**
 * Whether a sequence that was in the log is beyond its end, by the stream's leader. The leader is only asked about a
 * sequence beyond the end that it gave in this session: the log can lose its end only while brokers restart.
 */
export async function isAheadOfLog(
  connection: Connection,
  seq: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const session = sessionOf(connection);
  const known = ends.get(connection);
  if (known?.session === session && seq <= known.seq) return false;
  const { state } = await untilAnswered(() => connection.jsm.streams.info(EVENTS_STREAM), signal);
  ends.set(connection, { session, seq: state.last_seq });
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
