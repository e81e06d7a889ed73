/** Messages on a topic of Amazon SNS, as the sample that Setlist replaces publishes them. */
import type { PublishCommandInput, SNSClientConfig, SNSServiceException } from '@aws-sdk/client-sns';
import type { Reason } from '@setlist/contracts';
import { redactUrl } from '@setlist/runtime';
import type { Channel, Notice, Outcome } from '../domain/channel.ts';
import { harmless, shorten } from '../domain/messages/wording.ts';
import { snsMessage } from '../domain/sns-message.ts';

export interface SnsChannelOptions {
  readonly name: string;
  readonly topic: string;
  /** In place of AWS's own address in the topic's region. */
  readonly endpoint?: string | undefined;
  readonly timeoutMs: number;
}

export const TOPIC = /^arn:aws[\w-]*:sns:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,256}(?:\.fifo)?)$/;

/** Credentials come from the SDK's own chain. The one call is `sns:Publish`; `kms:*` where the topic is encrypted. */
export function snsChannel({ name, topic, endpoint, timeoutMs }: SnsChannelOptions): Channel {
  const [, region = ''] = TOPIC.exec(topic) ?? [];
  const config = {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    // Every try is decided in one place, and this isn't it.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  };
  const connected = connect(config);
  // Told with the first message.
  connected.catch(() => undefined);
  return {
    name,
    recipient: withoutAccount(topic),
    async deliver(notice) {
      try {
        const { sdk, client } = await connected;
        const { MessageId } = await client.send(new sdk.PublishCommand(publishing(topic, notice)));
        return { kind: 'sent', ...(MessageId === undefined ? {} : { messageId: MessageId }) };
      } catch (error) {
        return snsFailure(error);
      }
    },
  };
}

/** Loads the SDK, which takes its time: only where there is such a channel. */
async function connect(config: SNSClientConfig) {
  const sdk = await import('@aws-sdk/client-sns');
  return { sdk, client: new sdk.SNSClient(config) };
}

function publishing(topic: string, notice: Notice): PublishCommandInput {
  const { subject, message, attributes } = snsMessage(notice);
  const ordered = {
    MessageGroupId: notice.event.setId.slice(0, 128),
    MessageDeduplicationId: notice.key.slice(-128),
  };
  return {
    TopicArn: topic,
    Subject: subject,
    Message: message,
    MessageStructure: 'json',
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([key, { type, value }]) => [
        key,
        { DataType: type, StringValue: value },
      ]),
    ),
    ...(topic.endsWith('.fifo') ? ordered : {}),
  };
}

/** Rights, topics and keys are mended by people, throttling passes: then the same message passes too. */
const DOWN_STATUS: ReadonlySet<number> = new Set([401, 403, 404, 429]);
const DOWN_NAME =
  /^(?:KMS|Throttl|RequestLimitExceeded|RequestExpired|ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient)/;

const REMEDIES = {
  refused: 'See what SNS says of the message, and whether the topic is one that takes such messages.',
  down: 'See that AWS answers, that the topic of the channel exists, and that the notifier’s role may sns:Publish to it and use its key; it is tried again by itself.',
} as const;

/** ARNs as anyone may read them: a topic keeps its name, while a role, a user or a key tells too much. */
const withoutAccount = (text: string): string =>
  text.replace(/:\d{12}:/g, ':***:').replace(/(:\*\*\*:[\w-]+\/)[^\s"'(),]+/g, '$1***');

/** Other 4xx are refused for good; no answer, 5xx, throttling, missing rights and a missing topic let the channel rest. */
export function snsFailure(error: unknown): Outcome {
  const { name = 'unknown', message = String(error) } = error instanceof Error ? error : {};
  const status =
    error instanceof Error ? (error as Partial<SNSServiceException>).$metadata?.httpStatusCode : undefined;
  const isRefused =
    status !== undefined &&
    status >= 400 &&
    status < 500 &&
    !DOWN_STATUS.has(status) &&
    !DOWN_NAME.test(name);
  const reason: Reason = {
    code: `sns-${
      name
        .replace(/(Exception|Error)+$/, '')
        .replace(/\W/g, '')
        .toLowerCase() || 'unreachable'
    }`,
    message: `SNS ${isRefused ? 'refused it' : 'does not take it now'}: ${shorten(redactUrl(withoutAccount(harmless(message))), 300)}`,
    remedy: isRefused ? REMEDIES.refused : REMEDIES.down,
  };
  return { kind: isRefused ? 'refused' : 'down', reason };
}
