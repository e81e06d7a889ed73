/** Concurrency limits over all replicas: circulating tokens, which a dead holder loses after two seconds. */

import { addAbortListener } from 'node:events';
import { PERMITS_STREAM, permitDurable, permitSubject } from '@setlist/contracts';
import { sleep } from '@setlist/runtime';
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos } from 'nats';
import {
  type Connection,
  isClosed,
  isConsumerThere,
  isReaderLost,
  isWrongLastSequence,
  untilAnswered,
} from '../connection/connection.ts';
import { HeldToken, PERMIT_LEASE_MS } from './held-token.ts';

/** A right to have one call under way. Give it back with `using` or by disposing it. */
export type Permit = Disposable;

export interface PermitOptions {
  readonly provider: string;
  readonly engine: string;
  readonly operation: string;
  /** How many calls may be under way at once, over all replicas. */
  readonly limit: number;
}

/** Length of one pull, in ms. */
const PULL_MS = 5_000;
const REOPEN_AFTER_MS = 100;
/** How long a token that is free lies here for the next call, which spares the way to the broker and back. */
const SPARE_MS = 100;
/** How long a token serves one call here after the other, before others have their turn. */
const STAY_MS = 1_000;

/**
 * The tokens of one provider and engine. Each is a message that is delivered to whoever takes it, kept by signs
 * of life that the broker confirms, and delivered to the next one when it is given back or its holder falls silent.
 * One that comes free serves the next call here, for a second at the most, and as long as nobody here waits for others.
 *
 * No more are out than there are, as long as no holder is cut off from the broker for longer than the lease. One that
 * is can't be told to stop its call, and its token goes on to another: then as many calls more may be under way as
 * it had tokens when the contact was lost, until they end. A replica counts those of its own: a token that comes back to it
 * while its old holder goes on is that holder's again.
 */
export class Permits {
  readonly #connection: Connection;
  readonly #options: PermitOptions;
  #consumer: Consumer | undefined;
  #opening: Promise<Consumer> | undefined;
  /** Those that are here, in use or spare, by the sequence of their message. */
  readonly #held = new Map<number, HeldToken>();
  /** Those that lie here for the next call, each with what gives it back in the end. */
  readonly #spare = new Map<HeldToken, NodeJS.Timeout>();
  /** How many wait here for the broker to hand out a token. */
  #waiting = 0;

  private constructor(connection: Connection, options: PermitOptions, consumer: Consumer) {
    this.#connection = connection;
    this.#options = options;
    this.#consumer = consumer;
  }

  static async open(connection: Connection, options: PermitOptions): Promise<Permits> {
    return new Permits(connection, options, await openTokens(connection, options));
  }

  /**
   * Takes a permit, waiting until one is free or the signal aborts (then nothing). It outlives restarts of the
   * broker; tokens that are lost meanwhile are made again.
   */
  async take(signal: AbortSignal): Promise<Permit | undefined> {
    if (signal.aborted) return undefined;
    const token = this.#takeSpare() ?? (await this.#pull(signal));
    return token && this.#permit(token, signal);
  }

  #takeSpare(): HeldToken | undefined {
    for (const [token, givingBack] of this.#spare) {
      clearTimeout(givingBack);
      this.#spare.delete(token);
      if (token.isOurs) return token;
      token[Symbol.dispose]();
    }
    return undefined;
  }

  #permit(token: HeldToken, signal: AbortSignal): Permit {
    let given = false;
    return {
      [Symbol.dispose]: () => {
        if (given) return;
        given = true;
        const goesOn = this.#waiting > 0 || signal.aborted || token.heldForMs > STAY_MS;
        if (goesOn) token[Symbol.dispose]();
        else this.#keepSpare(token);
      },
    };
  }

  #keepSpare(token: HeldToken): void {
    const giveBack = (): void => {
      this.#spare.delete(token);
      token[Symbol.dispose]();
    };
    this.#spare.set(token, setTimeout(giveBack, SPARE_MS));
  }

  /** Before the connection ends: what lies here would be missing elsewhere until its lease has run out. */
  giveBackSpare(): void {
    for (const [token, givingBack] of this.#spare) {
      clearTimeout(givingBack);
      token[Symbol.dispose]();
    }
    this.#spare.clear();
  }

  async #pull(signal: AbortSignal): Promise<HeldToken | undefined> {
    this.#waiting++;
    try {
      return await this.#pullUntilHanded(signal);
    } finally {
      this.#waiting--;
    }
  }

  async #pullUntilHanded(signal: AbortSignal): Promise<HeldToken | undefined> {
    while (!signal.aborted && !this.#connection.nc.isClosed()) {
      try {
        const consumer = this.#consumer ?? (await this.#open(signal));
        const message = await nextUnlessAborted(consumer, signal);
        const token = message && this.#tokenOf(message);
        if (token) return token;
      } catch (error) {
        if (signal.aborted || isClosed(error)) return undefined;
        if (!isReaderLost(error)) throw error;
        this.#consumer = undefined;
        await sleep(REOPEN_AFTER_MS);
      }
    }
    return undefined;
  }

  /** Once for all who wait. */
  #open(signal: AbortSignal): Promise<Consumer> {
    const open = async (): Promise<Consumer> => {
      this.#consumer = await openTokens(this.#connection, this.#options, signal);
      return this.#consumer;
    };
    this.#opening ??= open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** Nothing where the token is one that was lost here while its call goes on: then it is that call's again. */
  #tokenOf(message: JsMsg): HeldToken | undefined {
    const known = this.#held.get(message.seq);
    if (known) {
      known.keep(message);
      return undefined;
    }
    const held = new HeldToken(this.#connection, message, () => this.#held.delete(message.seq));
    this.#held.set(message.seq, held);
    return held;
  }
}

async function openTokens(
  connection: Connection,
  { provider, engine, operation, limit }: PermitOptions,
  signal?: AbortSignal,
): Promise<Consumer> {
  const { js, jsm } = connection;
  const subject = permitSubject(provider, engine, operation);
  await Promise.all(
    Array.from({ length: limit }, (_, token) => putToken(connection, `${subject}.${token}`, signal)),
  );
  const durable = permitDurable(provider, engine, operation);
  const add = () =>
    jsm.consumers.add(PERMITS_STREAM, {
      durable_name: durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(PERMIT_LEASE_MS),
      max_ack_pending: limit,
      max_deliver: -1,
      deliver_policy: DeliverPolicy.All,
      filter_subject: `${subject}.*`,
    });
  try {
    await untilAnswered(add, signal);
  } catch (error) {
    if (!isConsumerThere(error)) throw error;
    const update = () => jsm.consumers.update(PERMITS_STREAM, durable, { max_ack_pending: limit });
    await untilAnswered(update, signal);
  }
  return untilAnswered(() => js.consumers.get(PERMITS_STREAM, durable), signal);
}

/** The n-th token exists once: its place on the subject is its identity. */
async function putToken({ js }: Connection, subject: string, signal?: AbortSignal): Promise<void> {
  try {
    await untilAnswered(() => js.publish(subject, '', { expect: { lastSubjectSequence: 0 } }), signal);
  } catch (error) {
    if (!isWrongLastSequence(error)) throw error;
  }
}

/** A token that comes after the abort goes straight back, so that a stop neither waits for one nor keeps one. */
async function nextUnlessAborted(consumer: Consumer, signal: AbortSignal): Promise<JsMsg | null> {
  const next = consumer.next({ expires: PULL_MS });
  const stopped = Promise.withResolvers<null>();
  using _stop = addAbortListener(signal, () => stopped.resolve(null));
  try {
    return await Promise.race([next, stopped.promise]);
  } finally {
    // Where even that fails, the connection is gone, and the token comes free with its lease.
    if (signal.aborted) void next.then((message) => message?.nak()).catch(() => undefined);
  }
}
