/** A queue of SQS that a bucket tells of its objects: a message stays until it is said to be done. */
import { messageOf } from '@setlist/runtime';

/** SQS failed, or refuses us. */
class QueueUnusable extends Error {
  override readonly name = 'QueueUnusable';
  readonly code = 'queue-unusable';
  readonly remedy =
    'Check the URL in SQS_QUEUES and the network, and allow sqs:ReceiveMessage, sqs:DeleteMessage and sqs:ChangeMessageVisibility on the queue.';
}

export interface QueueMessage {
  readonly id: string;
  readonly body: string;
  /** How often it was handed out, this time included. */
  readonly deliveries: number;
  /** It won't be handed out again. */
  done(): Promise<void>;
  /** Keeps it from others for another minute. */
  keep(): Promise<void>;
}

export interface Queue {
  readonly url: string;
  /** Waits up to twenty seconds for up to ten messages. Throws a {@link QueueUnusable}, or the signal's reason. */
  receive(signal: AbortSignal): Promise<QueueMessage[]>;
}

const HIDDEN_SECONDS = 60;
/** The longest there is: fewer empty answers, which are paid for too. */
const WAIT_SECONDS = 20;
/** How often a message has to be kept while it is worked on, in ms. */
export const KEEP_EVERY_MS = (HIDDEN_SECONDS * 1_000) / 3;

const QUEUE_HOST = /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\//;

/** @param region of a queue whose URL does not tell it; AWS_REGION unless given. Credentials: the SDK's default chain. */
export function sqsQueue(url: string, region?: string): Queue {
  const known = QUEUE_HOST.exec(url)?.[1] ?? region;
  const connected = connect(known);
  // Told with the first look.
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

/** Loads the SDK, which takes its time: only where there is such a queue. */
async function connect(region: string | undefined) {
  const sdk = await import('@aws-sdk/client-sqs');
  return { sdk, client: new sdk.SQSClient(region === undefined ? {} : { region }) };
}

async function translated<T>(url: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const message = messageOf(error);
    throw new QueueUnusable(`the queue ${url} can't be used: ${message}`, { cause: error });
  }
}
