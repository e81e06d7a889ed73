/** Concurrency limits over all replicas: circulating tokens, which a dead holder loses after two seconds. */

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
} from './connection.ts';
import { HeldToken, PERMIT_LEASE_MS, type Permit } from './held-token.ts';

export interface PermitOptions {
  readonly provider: string;
  readonly engine: string;
  /** How many calls may be under way at once, over all replicas. */
  readonly limit: number;
}

/** Length of one pull, in ms. */
const PULL_MS = 5_000;
const REOPEN_AFTER_MS = 100;

/**
 * The tokens of one provider and engine. Each is a message that is delivered to whoever takes it, kept by signs
 * of life that the broker confirms, and delivered to the next one when it is given back or its holder falls silent.
 *
 * No more are out than there are, as long as no holder is cut off from the broker for longer than the lease. One that
 * is can't be told to stop its call, and its token goes on to another: then as many calls more may be under way as
 * were when the contact was lost, until they end. A replica counts those of its own: a token that comes back to it
 * while its old holder goes on is that holder's again.
 */
export class Permits {
  readonly #connection: Connection;
  readonly #options: PermitOptions;
  #consumer: Consumer | undefined;
  #opening: Promise<Consumer> | undefined;
  /** Holders whose calls are under way, by the sequence of their token. */
  readonly #held = new Map<number, HeldToken>();

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
    while (!signal.aborted && !this.#connection.nc.isClosed()) {
      try {
        const consumer = this.#consumer ?? (await this.#open(signal));
        const message = await nextUnlessAborted(consumer, signal);
        const permit = message && this.#permitOf(message);
        if (permit) return permit;
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

  /** Nothing where the token is one of a holder here that had lost it: then it goes on with that one. */
  #permitOf(message: JsMsg): Permit | undefined {
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
  { provider, engine, limit }: PermitOptions,
  signal?: AbortSignal,
): Promise<Consumer> {
  const { js, jsm } = connection;
  const subject = permitSubject(provider, engine);
  await Promise.all(
    Array.from({ length: limit }, (_, token) => putToken(connection, `${subject}.${token}`, signal)),
  );
  const durable = permitDurable(provider, engine);
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
  const stop = (): void => stopped.resolve(null);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([next, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
    // Where even that fails, the connection is gone, and the token comes free with its lease.
    if (signal.aborted) void next.then((message) => message?.nak()).catch(() => undefined);
  }
}
