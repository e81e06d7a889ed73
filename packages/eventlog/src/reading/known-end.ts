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
  session: string | undefined;
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
    this.#end = { seq, id: event.id, session: undefined };
  }

  /**
   * Asks whether the log still has it: once in each session, and again if it was asked while the client was connecting,
   * so that what is stored next is known to follow it.
   * @returns the current session
   * @throws LogEndLost
   */
  async confirmed(): Promise<string> {
    for (;;) {
      const session = sessionOf(this.#connection);
      if (session === undefined) await this.#look(session);
      else if (session === this.#end.session) return session;
      else {
        if (this.#checking?.session !== session) this.#checking = { session, done: this.#look(session) };
        await this.#checking.done;
      }
    }
  }

  /** A later event was stored. What is stored in a new session says nothing about the old one's end. */
  moved({ seq, event }: StoredEvent, session: string | undefined): void {
    if (session === this.#end.session && seq > this.#end.seq) this.#end = { seq, id: event.id, session };
  }

  async #look(session: string | undefined): Promise<void> {
    if (!(await isInLog(this.#connection, this.#end))) throw new LogEndLost();
    if (session === sessionOf(this.#connection)) this.#end = { ...this.#end, session };
  }
}

interface Watched {
  end: KnownEnd;
  /** The newest event of a session in which the end has not been looked for yet. */
  newer?: KnownEnd;
}

/** Of the connections for which somebody waits. */
const watched = new WeakMap<Connection, Watched>();

const LOOK_EVERY_MS = 250;

/** To be called with what was found in the log, or appended to it. */
export function known(connection: Connection, { seq, event }: Pick<Recorded, 'seq' | 'event'>): void {
  const of = watched.get(connection);
  const session = sessionOf(connection);
  if (!of || !event || session === undefined) return;
  const found = { seq, id: event.id, session };
  // A new session is checked first: if the log has lost its end, it may have grown beyond it again.
  if (session !== of.end.session) of.newer = newest(found, of.newer);
  else of.end = newest(found, of.end);
}

const newest = (found: KnownEnd, before: KnownEnd | undefined): KnownEnd =>
  before && before.session === found.session && before.seq >= found.seq ? before : found;

/**
 * Waits until the log has lost an event that is known here, which can only happen while the connection is lost.
 * @returns false if aborted before, or if the connection is closed
 */
export async function untilEndLost(connection: Connection, signal: AbortSignal): Promise<boolean> {
  const of = watched.get(connection) ?? { end: { seq: 0, id: '', session: sessionOf(connection) } };
  watched.set(connection, of);
  while (!signal.aborted && !connection.nc.isClosed()) {
    await sleepAtMost(LOOK_EVERY_MS, signal);
    const session = sessionOf(connection);
    if (signal.aborted || session === undefined || session === of.end.session) continue;
    if (!(await isInLog(connection, of.end, signal))) {
      watched.delete(connection);
      return true;
    }
    of.end = { ...of.end, session };
    if (of.newer?.session === session && of.newer.seq > of.end.seq) of.end = of.newer;
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
