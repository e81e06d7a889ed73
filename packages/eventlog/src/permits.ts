/** Concurrency limits over all replicas: circulating tokens, which a dead holder loses after two seconds. */
import { PERMITS_STREAM, permitDurable, permitSubject } from '@setlist/contracts';
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos } from 'nats';
import { type Connection, isConsumerThere, isWrongLastSequence, untilAnswered } from './connection.ts';

export interface PermitOptions {
  readonly provider: string;
  readonly engine: string;
  /** How many calls may be under way at once, over all replicas. */
  readonly limit: number;
}

/** How long a silent holder keeps its permit, in ms. */
export const PERMIT_LEASE_MS = 2_000;
const KEEP_ALIVE_MS = 700;

/** A right to have one call under way. Give it back with `using` or by disposing it. */
export type Permit = Disposable;

/**
 * The tokens of one provider and engine. Each is a message that is delivered to whoever takes it, kept by signs
 * of life, and delivered to the next one when it is given back or its holder falls silent.
 */
export class Permits {
  readonly #consumer: Consumer;
  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  static async open(connection: Connection, options: PermitOptions): Promise<Permits> {
    const { provider, engine, limit } = options;
    const subject = permitSubject(provider, engine);
    for (let token = 0; token < limit; token++) {
      try {
        // The n-th token exists once: its place on the subject is its identity.
        await untilAnswered(() =>
          connection.js.publish(`${subject}.${token}`, '', { expect: { lastSubjectSequence: 0 } }),
        );
      } catch (error) {
        if (!isWrongLastSequence(error)) throw error;
      }
    }
    const durable = permitDurable(provider, engine);
    try {
      await untilAnswered(() =>
        connection.jsm.consumers.add(PERMITS_STREAM, {
          durable_name: durable,
          ack_policy: AckPolicy.Explicit,
          ack_wait: nanos(PERMIT_LEASE_MS),
          max_ack_pending: limit,
          max_deliver: -1,
          deliver_policy: DeliverPolicy.All,
          filter_subject: `${subject}.*`,
        }),
      );
    } catch (error) {
      if (!isConsumerThere(error)) throw error;
      await untilAnswered(() =>
        connection.jsm.consumers.update(PERMITS_STREAM, durable, { max_ack_pending: limit }),
      );
    }
    return new Permits(await untilAnswered(() => connection.js.consumers.get(PERMITS_STREAM, durable)));
  }

  /** Takes a permit, waiting until one is free or the signal aborts (then nothing). */
  async take(signal: AbortSignal): Promise<Permit | undefined> {
    while (!signal.aborted) {
      const message = await this.#consumer.next({ expires: 5_000 });
      if (message) return permitOf(message);
    }
    return undefined;
  }
}

function permitOf(message: JsMsg): Permit {
  const alive = setInterval(() => message.working(), KEEP_ALIVE_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(alive);
      message.nak();
    },
  };
}
