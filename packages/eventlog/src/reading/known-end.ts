/** Notices that a power cut has taken the end of the log, and with it an event that this process knows. */
import { decodeEvent, EVENTS_STREAM, type SetlistEvent } from '@setlist/contracts';
import { sleepAtMost } from '@setlist/runtime';
import { type Connection, sessionOf, untilAnswered } from '../connection/connection.ts';
import { isNothingThere } from '../connection/failures.ts';
import { generationIn } from '../maintenance/generation.ts';
import type { Recorded } from './read.ts';

/** The newest event known to have been in the log, and in which session. */
interface KnownEnd {
  readonly seq: number;
  readonly id: string;
  readonly session: string | undefined;
}

/** A power cut has taken what was to be continued. */
export class LogEndLost extends Error {
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
  /** With the last session in which it was found in the log. */
  #end: KnownEnd;
  /** Those under way, by session. */
  readonly #looks = new Map<string | undefined, Promise<void>>();

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
      if (session !== undefined && session === this.#end.session) return session;
      const look = this.#looks.get(session) ?? this.#look(session).finally(() => this.#looks.delete(session));
      this.#looks.set(session, look);
      await look;
    }
  }

  /**
   * A later event was stored. If the end has not been found in the current session, that says nothing about it.
   * @param session in which the event was sent
   */
  moved({ seq, event }: StoredEvent, session: string | undefined): void {
    const isCurrent = session === this.#end.session || sessionOf(this.#connection) === this.#end.session;
    if (isCurrent && seq > this.#end.seq) this.#end = { ...this.#end, seq, id: event.id };
  }

  async #look(session: string | undefined): Promise<void> {
    if (!(await isInLog(this.#connection, this.#end))) throw new LogEndLost();
    if (session === sessionOf(this.#connection)) this.#end = { ...this.#end, session };
  }
}

interface Watched {
  /** The last session in which the ends were found in the log. */
  session: string | undefined;
  /** The newest event of each session since. */
  ends: KnownEnd[];
}

/** Of the connections for which somebody waits. */
const watched = new WeakMap<Connection, Watched>();

const LOOK_EVERY_MS = 250;

/** To be called with what was found in the log, or appended to it. */
export function known(connection: Connection, { seq, event }: Pick<Recorded, 'seq' | 'event'>): void {
  const of = watched.get(connection);
  if (!of || !event) return;
  const session = sessionOf(connection);
  const last = of.ends.at(-1);
  // Each session's own: if the log has lost the end of an earlier one, it may have grown beyond it again.
  if (last && last.session === session) {
    if (last.seq >= seq) return;
    of.ends.pop();
  }
  of.ends.push({ seq, id: event.id, session });
}

/**
 * Waits until the log has lost an event that is known here, which can only happen while the connection is lost.
 * @returns false if aborted before, or if the connection is closed
 */
export async function untilEndLost(connection: Connection, signal: AbortSignal): Promise<boolean> {
  const of = watched.get(connection) ?? { session: sessionOf(connection), ends: [] };
  watched.set(connection, of);
  while (!signal.aborted && !connection.nc.isClosed()) {
    await sleepAtMost(LOOK_EVERY_MS, signal);
    const session = sessionOf(connection);
    if (signal.aborted || session === undefined || session === of.session) continue;
    for (const end of of.ends) {
      if (await isInLog(connection, end, signal)) continue;
      watched.delete(connection);
      return true;
    }
    if (session !== sessionOf(connection)) continue;
    of.session = session;
    of.ends = of.ends
      .toSorted((a, b) => a.seq - b.seq)
      .slice(-1)
      .map((end) => ({ ...end, session }));
  }
  return false;
}

/** Asks the stream's leader: a node that lags behind may not have the event yet. */
async function isInLog({ jsm }: Connection, { seq, id }: KnownEnd, signal?: AbortSignal): Promise<boolean> {
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
