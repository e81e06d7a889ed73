/** An SQS queue that a bucket notifies of its objects: a message stays until it is deleted. */
import { messageOf, outboundProxy } from '@setlist/runtime';

/** SQS failed, or refused the call. */
class QueueUnusable extends Error {
  override readonly name = 'QueueUnusable';
  readonly code = 'queue-unusable';
  readonly remedy =
    'Check the URL in SQS_QUEUES and the network, and allow sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the queue.';
}

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** How often it was delivered, including this time. */
  readonly deliveries: number;
  /** Deletes it, so that it is not delivered again. */
  done(): Promise<void>;
  /** Hides it from other consumers for another minute. */
  keep(): Promise<void>;
}

export interface Queue {
  readonly url: string;
  /** Waits up to twenty seconds for up to ten messages. Throws a {@link QueueUnusable}, or the signal's reason. */
  receive(signal: AbortSignal): Promise<QueueMessage[]>;
}

const HIDDEN_SECONDS = 60;
/** The longest that SQS allows: fewer empty answers, which cost money too. */
const WAIT_SECONDS = 20;
/** How often a message has to be hidden again while it is processed, in ms. */
export const KEEP_EVERY_MS = (HIDDEN_SECONDS * 1_000) / 3;
/** How long it can be hidden in this way, in ms: SQS refuses it once twelve hours have passed since its delivery. */
export const KEEP_AT_MOST_MS = 11.5 * 3_600_000;

const CONNECT_TIMEOUT_MS = 5_000;
/** How long SQS may be silent, in ms: longer than it waits for messages. */
const SILENCE_TIMEOUT_MS = (WAIT_SECONDS + 10) * 1_000;

const QUEUE_HOST = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//;

/** @param region for a URL that does not name it; AWS_REGION by default. Credentials: the SDK's default chain. */
export function sqsQueue(url: string, region?: string, silenceTimeoutMs = SILENCE_TIMEOUT_MS): Queue {
  const known = QUEUE_HOST.exec(url)?.[1] ?? region;
  const connected = connect(known, silenceTimeoutMs);
  // The first `receive` reports it.
  connected.catch(() => undefined);
  const queue = { QueueUrl: url };
  return {
    url,
    async receive(signal) {
      const { sdk, client } = await translated(url, () => connected);
      const wish = {
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: WAIT_SECONDS,
        VisibilityTimeout: HIDDEN_SECONDS,
        MessageSystemAttributeNames: ['ApproximateReceiveCount' as const],
      };
      const answer = await translated(url, () =>
        client.send(new sdk.ReceiveMessageCommand({ ...queue, ...wish }), { abortSignal: signal }),
      ).catch((error: unknown) => {
        signal.throwIfAborted();
        throw error;
      });
      return (answer.Messages ?? []).map(({ MessageId = '', ReceiptHandle, Body = '', Attributes }) => ({
        id: MessageId,
        body: Body,
        deliveries: Number(Attributes?.ApproximateReceiveCount ?? 1),
        done: () =>
          translated(url, async () => {
            await client.send(new sdk.DeleteMessageCommand({ ...queue, ReceiptHandle }));
          }),
        keep: () =>
          translated(url, async () => {
            const visibility = { ReceiptHandle, VisibilityTimeout: HIDDEN_SECONDS };
            await client.send(new sdk.ChangeMessageVisibilityCommand({ ...queue, ...visibility }));
          }),
      }));
    },
  };
}

/** Loads the SDK, which takes a while: only if there is such a queue. */
async function connect(region: string | undefined, silenceTimeoutMs: number) {
  const sdk = await import('@aws-sdk/client-sqs');
  const proxy = outboundProxy();
  const config = {
    ...(region === undefined ? {} : { region }),
    // The SDK must not retry: `watchQueue` does, and logs it.
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: silenceTimeoutMs,
      httpAgent: proxy,
      httpsAgent: proxy,
    },
  };
  return { sdk, client: new sdk.SQSClient(config) };
}

async function translated<T>(url: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = messageOf(error);
    throw new QueueUnusable(`the queue ${url} can't be used: ${message}`, { cause: error });
  }
}
