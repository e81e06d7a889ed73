/** Messages to an Amazon SNS topic, published as the sample that Setlist replaces publishes them. */
import type { PublishCommandInput, SNSClientConfig, SNSServiceException } from '@aws-sdk/client-sns';
import type { Reason } from '@setlist/contracts';
import { outboundProxy, redactUrl, tlsRemedy } from '@setlist/runtime';
import type { Channel, Notice, Outcome } from '../domain/channel.ts';
import { clip, harmless } from '../domain/messages/wording.ts';
import { snsMessage } from '../domain/sns-message.ts';

export interface SnsChannelOptions {
  readonly name: string;
  readonly topic: string;
  /** Replaces AWS's own endpoint of the topic's region. */
  readonly endpoint?: string | undefined;
  readonly timeoutMs: number;
}

export const TOPIC = /^arn:aws[\w-]*:sns:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,256}(?:\.fifo)?)$/;

/** Credentials come from the SDK's own chain. The one call is `sns:Publish`; `kms:*` where the topic is encrypted. */
export function snsChannel({ name, topic, endpoint, timeoutMs }: SnsChannelOptions): Channel {
  const [, region = ''] = TOPIC.exec(topic) ?? [];
  const proxy = outboundProxy();
  const config = {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    // The SDK must not retry: `deliver` decides about every try.
    maxAttempts: 1,
    requestHandler: {
      ...{ connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
      ...{ httpAgent: proxy, httpsAgent: proxy },
    },
  };
  const connected = connect(config);
  // The failure is reported with the first message.
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
        const isOfSns = connected.then(
          ({ sdk }) => error instanceof sdk.SNSServiceException,
          () => false,
        );
        return snsFailure(error, await isOfSns);
      }
    },
  };
}

/** Loads the SDK, which is slow, so only if there is an SNS channel. */
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

/** Statuses that end without a change to the message: people fix rights, topics and keys, and throttling passes. */
const DOWN_STATUS: ReadonlySet<number> = new Set([401, 403, 404, 429]);
const DOWN_NAME =
  /^(?:KMS|Throttl|RequestLimitExceeded|RequestExpired|ExpiredToken|InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient)/;

const REMEDIES = {
  refused: 'See what SNS says about the message, and whether the topic accepts such messages.',
  down: 'Check that AWS answers, that the notifier’s credentials or role are valid, that the channel’s topic exists, and that they may sns:Publish to it and use its key; the message is retried automatically.',
  secure:
    'Check that the channel’s endpoint, if it has one, speaks https://, and that the certificate is for this name and valid today; the message is retried automatically.',
} as const;

/** ARNs without what must stay private: a topic keeps its name; roles, users and keys are masked. */
const withoutAccount = (text: string): string =>
  text.replace(/:\d{12}:/g, ':***:').replace(/(:\*\*\*:[\w-]+\/)[^\s"'(),]+/g, '$1***');

/**
 * No answer, 5xx, throttling and a missing right or topic let the channel rest; other 4xx are refused for good.
 *
 * @param isOfSns whether SNS itself answered. The SDK asks STS for a role's credentials in the same call; no answer of
 * STS, whatever its status, is about the message.
 */
export function snsFailure(error: unknown, isOfSns: boolean): Outcome {
  const { name = 'unknown', message = String(error) } = error instanceof Error ? error : {};
  const status =
    error instanceof Error ? (error as Partial<SNSServiceException>).$metadata?.httpStatusCode : undefined;
  const isRefused =
    isOfSns &&
    status !== undefined &&
    status >= 400 &&
    status < 500 &&
    !DOWN_STATUS.has(status) &&
    !DOWN_NAME.test(name);
  const insecure = error instanceof Error && 'code' in error && tlsRemedy(error.code, REMEDIES.secure);
  const reason: Reason = {
    code: `sns-${
      name
        .replace(/(Exception|Error)+$/, '')
        .replace(/\W/g, '')
        .toLowerCase() || 'unreachable'
    }`,
    message: `SNS ${isRefused ? 'refused it' : 'does not accept it now'}: ${clip(redactUrl(withoutAccount(harmless(message))), 300)}`,
    remedy: isRefused ? REMEDIES.refused : insecure || REMEDIES.down,
  };
  return { kind: isRefused ? 'refused' : 'down', reason };
}
