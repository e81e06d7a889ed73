/** Notices that a power cut has taken the end of the log, and with it an event that this process knows. */
import { decodeEvent, EVENTS_STREAM, type SetlistEvent } from '@setlist/contracts';
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

/** A power cut has taken what was to be continued. */
class LogEndLost extends Error {
  override readonly name = 'LogEndLost';
  readonly code = 'log-end-lost';
  readonly remedy = 'Nothing is to be done: work goes on from what the log still has.';
  constructor() {
    super('the log has lost its end, as in a power cut of the broker');
  }
}

/** An event and where the log has it. */
export interface StoredEvent {
  readonly seq: number;
  readonly event: SetlistEvent;
}

/** The newest event that one piece of work builds on. */
export class ExpectedEnd {
  readonly #connection: Connection;
  #end: KnownEnd;
  #checking: { readonly session: string; readonly done: Promise<void> } | undefined;

  constructor(connection: Connection, { seq, event }: StoredEvent) {
    this.#connection = connection;
    this.#end = { seq, id: event.id, session: '' };
  }

  /** Whether the log can't have lost it since the last check. */
  isCertain(): boolean {
    return this.#end.session === sessionOf(this.#connection);
  }

  /** Asks once in each session. @throws LogEndLost */
  check(): Promise<void> {
    const session = sessionOf(this.#connection);
    if (this.#checking?.session !== session) this.#checking = { session, done: this.#look(session) };
    return this.#checking.done;
  }

  /** A later event was stored. What is stored in a new session says nothing about the old one's end. */
  moved({ seq, event }: StoredEvent): void {
    if (this.isCertain() && seq > this.#end.seq) this.#end = { ...this.#end, seq, id: event.id };
  }

  async #look(session: string): Promise<void> {
    if (!(await isInLog(this.#connection, this.#end))) throw new LogEndLost();
    this.#end = { ...this.#end, session };
  }
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
async function isInLog({ jsm }: Connection, { seq, id }: KnownEnd, signal?: AbortSignal): Promise<boolean> {
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
