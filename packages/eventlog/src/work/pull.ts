/** One pull from a consumer, which can be ended early without losing messages that are on their way. */
import { addAbortListener } from 'node:events';
import { type Consumer, type ConsumerMessages, type JsMsg, NatsError, type Subscription } from 'nats';

export interface PullOptions {
  readonly max: number;
  /** How long to wait for messages, in ms; the client refuses less than a second. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Yields up to `max` messages; fewer, or none, if no more come in time or the signal aborts. Messages that are on their
 * way when it aborts are still yielded, so that they can be given back.
 */
export async function* pull(consumer: Consumer, { max, waitMs, signal }: PullOptions): AsyncGenerator<JsMsg> {
  const messages = await consumer.fetch({ max_messages: max, expires: waitMs });
  using _stop = addAbortListener(signal, () => void end(messages));
  yield* messages;
}

/** The client's published type omits the subscription of a fetch. */
type WithSubscription = ConsumerMessages & { readonly sub?: Subscription };

/** Unsubscribes, and ends the fetch once everything that the broker had sent has arrived. */
async function end(messages: WithSubscription): Promise<void> {
  try {
    await messages.sub?.drain();
  } catch (error) {
    // A connection that was closed, before or during the drain, delivers nothing more.
    if (!(error instanceof NatsError)) throw error;
  } finally {
    await messages.close();
  }
}
