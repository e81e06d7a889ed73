/** Listens to a queue for hints of new set files; deletes a message once its objects are processed. */
import {
  backoffDelayMs,
  type Logger,
  messageOf,
  remedyOf,
  sleepAtMost,
  unlessAborted,
} from '@setlist/runtime';
import { KEEP_AT_MOST_MS, KEEP_EVERY_MS, type Queue, type QueueMessage } from '../adapters/sqs-queue.ts';
import { hintsIn, type ObjectHint } from '../domain/s3-hints.ts';

/** The part of an inbox that hints need. */
interface Hinted {
  /** `s3://bucket/prefix`. */
  readonly uri: string;
  /** @param onPutOff called when it has to wait for a retry or is large, and so can take long */
  hint(key: string, onPutOff: () => void): Promise<boolean>;
}

export interface WatchQueueOptions {
  readonly queue: Queue;
  readonly inboxes: readonly Hinted[];
  /** Gets the queue's last failure, by its URL, until it answers again. */
  readonly troubles: Map<string, unknown>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Messages in progress at once, not counting those whose files wait for a retry or are large. */
const MESSAGES_AT_ONCE = 20;
const RETRY = { baseMs: 1_000, capMs: 60_000 };

/** Listens until aborted, and retries if the queue can't be used. */
export async function watchQueue(options: WatchQueueOptions): Promise<void> {
  const { queue, troubles, logger, signal } = options;
  const inHand = new Set<Promise<void>>();
  for (let failures = 0; !signal.aborted; ) {
    try {
      for (const message of await queue.receive(signal)) {
        const { promise: outOfHand, resolve: leave } = Promise.withResolvers<void>();
        inHand.add(outOfHand);
        void outOfHand.then(() => inHand.delete(outOfHand));
        void onMessage(message, options, leave).finally(leave);
      }
      if (failures > 0) logger.info({ event: 'queue-back', queue: queue.url }, `${queue.url} answers again`);
      failures = 0;
      troubles.delete(queue.url);
      while (inHand.size >= MESSAGES_AT_ONCE) await unlessAborted(Promise.race(inHand), signal);
    } catch (error) {
      if (signal.aborted) break;
      troubles.set(queue.url, error);
      if (failures++ === 0) sayFailed(logger, error, 'retrying the queue');
      await sleepAtMost(backoffDelayMs(failures, RETRY), signal);
    }
  }
}

/**
 * Never rejects: a message that is not deleted is redelivered.
 * @param onPutOff called when one of its files has to wait for a retry or is large; the message stays hidden meanwhile
 */
async function onMessage(
  message: QueueMessage,
  options: WatchQueueOptions,
  onPutOff: () => void,
): Promise<void> {
  const { logger, inboxes, queue } = options;
  const hints = hintsIn(message.body);
  if (hints === undefined) {
    const { id, deliveries } = message;
    const remedy =
      'Let only a bucket write to this queue, and give the queue a redrive policy for other messages.';
    logger.warn(
      { event: 'not-a-notification', queue: queue.url, id, deliveries, remedy },
      `message ${id} is not an S3 notification; it stays in the queue`,
    );
    return;
  }
  const keeping = setInterval(
    () => void message.keep().catch((error) => sayFailed(logger, error, 'a message may be redelivered')),
    KEEP_EVERY_MS,
  );
  // It is then delivered again, and kept again, while its files go on waiting.
  const atMost = setTimeout(() => clearInterval(keeping), KEEP_AT_MOST_MS);
  try {
    const dealt = await Promise.all(hints.map((hint) => deal(hint, inboxes, onPutOff)));
    if (dealt.every(Boolean)) await message.done();
  } catch (error) {
    if (!options.signal.aborted) sayFailed(logger, error, 'the message will be redelivered');
  } finally {
    clearInterval(keeping);
    clearTimeout(atMost);
  }
}

/** True for an object in none of the inboxes: there is nothing to do. */
async function deal(
  { bucket, key }: ObjectHint,
  inboxes: readonly Hinted[],
  onPutOff: () => void,
): Promise<boolean> {
  const uri = `s3://${bucket}/${key}`;
  const own = inboxes.filter((inbox) => uri.startsWith(`${inbox.uri}/`));
  const dealt = await Promise.all(own.map((inbox) => inbox.hint(uri.slice(inbox.uri.length + 1), onPutOff)));
  return dealt.every(Boolean);
}

function sayFailed(logger: Logger, error: unknown, then: string): void {
  const entry = { event: 'queue-waits', remedy: remedyOf(error), err: error };
  logger.warn(entry, `${messageOf(error)}; ${then}`);
}
