/** A power cut can take the end of the log, and leave what the broker remembers of its consumers. */
import { EVENTS_STREAM } from '@setlist/contracts';
import { type Connection, sessionOf, untilAnswered } from '../connection/connection.ts';
import { isNothingThere } from '../connection/failures.ts';
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

/** The newest records that a consumer has handed out here. */
export class HandedOut {
  readonly #connection: Connection;
  /**
   * By the session in which each came: the client asks for more as soon as it is connected again, so that what comes
   * then says nothing of what came before.
   */
  readonly #newest = new Map<string | undefined, Recorded>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  add(record: Recorded): void {
    const session = sessionOf(this.#connection);
    if (record.seq > (this.#newest.get(session)?.seq ?? 0)) this.#newest.set(session, record);
  }

  /**
   * Whether the log has another record in the place of one of them: it has lost its end and grown again. Where it has
   * nothing, a record is forgotten.
   * @param session the current one
   */
  async isReplaced(session: string | undefined, signal: AbortSignal): Promise<boolean> {
    let last: Recorded | undefined;
    for (const record of [...this.#newest.values()]) {
      const found = await inPlaceOf(this.#connection, record, signal);
      if (found === 'itself' && record.seq > (last?.seq ?? 0)) last = record;
      if (found === 'another') return true;
    }
    this.#newest.clear();
    if (last) this.#newest.set(session, last);
    return false;
  }
}

/** What the log has in a record's place: if another one, it has lost its end and grown again. */
async function inPlaceOf(
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
