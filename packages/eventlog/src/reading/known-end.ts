/** Notices that a power cut has taken the end of the log, and with it an event that this process knows. */
import { decodeEvent, EVENTS_STREAM } from '@setlist/contracts';
import { sleepAtMost } from '@setlist/runtime';
import { type Connection, isNothingThere, sessionOf, untilAnswered } from '../connection/connection.ts';
import { generationIn } from '../maintenance/generation.ts';
import type { Recorded } from './read.ts';

/** The newest event known to have been in the log. */
interface KnownEnd {
  seq: number;
  id: string;
  /** The last session in which it was known to be there. */
  session: string;
}

/** Of the connections for which somebody waits. */
const ends = new WeakMap<Connection, KnownEnd>();

const LOOK_EVERY_MS = 250;

/** To be called with what was found in the log, or appended to it. */
export function known(connection: Connection, { seq, event }: Pick<Recorded, 'seq' | 'event'>): void {
  const end = ends.get(connection);
  // A new session is checked first: if the log has lost its end, it may have grown beyond it again.
  if (!end || !event || seq <= end.seq || end.session !== sessionOf(connection)) return;
  end.seq = seq;
  end.id = event.id;
}

/**
 * Waits until the log has lost an event that is known here, which can only happen while the connection is lost.
 * @returns false if aborted before, or if the connection is closed
 */
export async function untilEndLost(connection: Connection, signal: AbortSignal): Promise<boolean> {
  const end = ends.get(connection) ?? { seq: 0, id: '', session: sessionOf(connection) };
  ends.set(connection, end);
  while (!signal.aborted && !connection.nc.isClosed()) {
    await sleepAtMost(LOOK_EVERY_MS, signal);
    const session = sessionOf(connection);
    if (signal.aborted || session === end.session) continue;
    if (await isInLog(connection, end, signal)) end.session = session;
    else {
      ends.delete(connection);
      return true;
    }
  }
  return false;
}

/** Asks the stream's leader: a node that lags behind may not have the event yet. */
async function isInLog({ jsm }: Connection, { seq, id }: KnownEnd, signal: AbortSignal): Promise<boolean> {
  if (seq === 0) return true;
  try {
    const { data } = await untilAnswered(() => jsm.streams.getMessage(EVENTS_STREAM, { seq }), signal);
    const found = decodeEvent(data);
    return found.ok && found.event.id === id;
  } catch (error) {
    if (!isNothingThere(error)) throw error;
  }
  const { config } = await untilAnswered(() => jsm.streams.info(EVENTS_STREAM), signal);
  return generationIn(config.metadata).archived.upToSeq >= seq;
}
