/** Concurrency limits across all replicas: circulating tokens, which a dead holder loses after two seconds. */

import { addAbortListener } from 'node:events';
import { PERMITS_STREAM, permitDurable, permitSubject } from '@setlist/contracts';
import { sleep } from '@setlist/runtime';
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos } from 'nats';
import { type Connection, untilAnswered } from '../connection/connection.ts';
import { isClosed, isConsumerThere, isReaderLost, isWrongLastSequence } from '../connection/failures.ts';
import { HeldToken, PERMIT_LEASE_MS } from './held-token.ts';

/** The right to have one call in flight. Give it back with `using` or by disposing it. */
export type Permit = Disposable;

export interface PermitOptions {
  readonly provider: string;
  readonly engine: string;
  readonly operation: string;
  /** Maximum number of calls in flight, over all replicas. */
  readonly limit: number;
}

/** Duration of one pull, in ms. */
const PULL_MS = 5_000;
const REOPEN_AFTER_MS = 100;
/** How long a free token is kept here for the next call, in ms; it saves a round trip to the broker. */
const SPARE_MS = 100;
/** How long a token serves consecutive calls of this replica before other replicas get their turn, in ms. */
const STAY_MS = 1_000;

/**
 * The tokens of one provider, engine and operation. Each is a message that the broker delivers to one holder, which
 * keeps it by confirmed heartbeats; it is redelivered when it is given back or its holder falls silent. A token that
 * comes free serves the next call of this replica, for at most a second and only while no call here waits for one.
 *
 * The limit holds as long as no holder is cut off from the broker for longer than the lease. Such a holder can't be
 * told to stop its calls, and its tokens pass on: until those calls end, the limit can be exceeded by the number of
 * tokens that the holder had when contact was lost. A replica accounts for its own calls: a token that comes back to
 * it while the call that had it is still running belongs to that call again.
 */
export class Permits {
  readonly #connection: Connection;
  readonly #options: PermitOptions;
  #consumer: Consumer | undefined;
  #opening: Promise<Consumer> | undefined;
  /** The tokens that this replica holds, in use or spare, by the sequence of their message. */
  readonly #held = new Map<number, HeldToken>();
  /** The tokens kept for the next call, each with the timer that gives it back. */
  readonly #spare = new Map<HeldToken, NodeJS.Timeout>();
  /** How many callers wait for the broker to hand out a token. */
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
   * Takes a permit, waiting until one is free or the signal aborts (then nothing). The wait survives restarts of the
   * broker; lost tokens are created again.
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

  /** To be called before the connection closes: otherwise others would miss these tokens until the leases expire. */
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

  /** Opens the consumer once for all concurrent callers. */
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

  /** Nothing if this replica lost the token while its call kept running: then it belongs to that call again. */
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

/** Creates a token unless it exists: its subject is its identity, and holds one message. */
async function putToken({ js }: Connection, subject: string, signal?: AbortSignal): Promise<void> {
  try {
    await untilAnswered(() => js.publish(subject, '', { expect: { lastSubjectSequence: 0 } }), signal);
  } catch (error) {
    if (!isWrongLastSequence(error)) throw error;
  }
}

/** A token that arrives after the abort goes straight back, so that a shutdown neither waits for one nor keeps one. */
async function nextUnlessAborted(consumer: Consumer, signal: AbortSignal): Promise<JsMsg | null> {
  const next = consumer.next({ expires: PULL_MS });
  const stopped = Promise.withResolvers<null>();
  using _stop = addAbortListener(signal, () => stopped.resolve(null));
  try {
    return await Promise.race([next, stopped.promise]);
  } finally {
    // If that fails too, the connection is gone, and the token comes free when its lease expires.
    if (signal.aborted) void next.then((message) => message?.nak()).catch(() => undefined);
  }
}
