/** One pull from a consumer, which can be ended before its time without losing what is on its way. */
import { addAbortListener } from 'node:events';
import { type Consumer, type ConsumerMessages, type JsMsg, NatsError, type Subscription } from 'nats';

/** The least that the broker takes, in ms. */
const SHORTEST_MS = 1_000;

export interface PullOptions {
  readonly max: number;
  /** How long to wait for the first message, in ms; a second at the least. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Yields up to `max` messages; fewer, or none, when no more come in time or the signal aborts. Messages that are on
 * their way when it aborts still come, so that they can be given back.
 */
export async function* pull(consumer: Consumer, { max, waitMs, signal }: PullOptions): AsyncGenerator<JsMsg> {
  const messages = await consumer.fetch({ max_messages: max, expires: Math.max(SHORTEST_MS, waitMs) });
  using _stop = addAbortListener(signal, () => void end(messages));
  yield* messages;
}

/** The client gives a fetch a subscription, but leaves it out of its published type. */
type WithSubscription = ConsumerMessages & { readonly sub?: Subscription };

/** Unsubscribes, and ends the fetch once everything that the broker sent before has come. */
async function end(messages: WithSubscription): Promise<void> {
  try {
    await messages.sub?.drain();
  } catch (error) {
    // A connection that is closed, or was closed while draining, brings nothing further.
    if (!(error instanceof NatsError)) throw error;
  } finally {
    await messages.close();
  }
}
