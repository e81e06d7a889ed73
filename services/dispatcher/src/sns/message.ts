/** Messages of Amazon SNS over HTTP(S), as data: their signed text, the host of their topic, and their age. */
import { jsonIn } from '@setlist/contracts';
import { z } from 'zod';

const common = {
  MessageId: z.string().min(1).max(200),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.iso.datetime(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.base64(),
  SigningCertURL: z.url(),
};

/** https://docs.aws.amazon.com/sns/latest/dg/http-header.html and its neighbours. */
export const snsMessage = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('Notification'), Subject: z.string().optional(), ...common }),
  z.object({
    Type: z.enum(['SubscriptionConfirmation', 'UnsubscribeConfirmation']),
    SubscribeURL: z.url(),
    Token: z.string(),
    ...common,
  }),
]);
export type SnsMessage = z.infer<typeof snsMessage>;
export type SnsConfirmation = Exclude<SnsMessage, { Type: 'Notification' }>;

const SIGNED = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: [
    'Message',
    'MessageId',
    'SubscribeURL',
    'Timestamp',
    'Token',
    'TopicArn',
    'Type',
  ],
} as const;

/**
 * The text that is signed: names and values on separate lines, in this order, with a subject only if there is one.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 */
export function signedText(message: SnsMessage): string {
  const fields = message.Type === 'Notification' ? SIGNED.Notification : SIGNED.SubscriptionConfirmation;
  const values: Readonly<Record<string, string | undefined>> = message;
  return fields
    .flatMap((name) => (values[name] === undefined ? [] : [`${name}\n${values[name]}\n`]))
    .join('');
}

/** The digest of the message's signature version, by Node's name. */
export const digestOf = ({ SignatureVersion }: SnsMessage): 'RSA-SHA1' | 'RSA-SHA256' =>
  SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';

/** How old a message can be, in ms: SNS retries for up to an hour by default. */
const OLDEST_MS = 3_600_000;
/** How far our clock can be behind that of SNS, in ms. */
const NEWEST_MS = 300_000;

export function isFresh({ Timestamp }: SnsMessage, now: number): boolean {
  const age = now - Date.parse(Timestamp);
  return age <= OLDEST_MS && age >= -NEWEST_MS;
}

const TOPIC_ARN = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:[A-Za-z0-9_-]{1,256}$/;

/** The region of a topic; undefined if the text isn't a topic's ARN. */
export const regionOf = (topicArn: string): string | undefined => TOPIC_ARN.exec(topicArn)?.[2];

/** The only host that serves the topic's certificates and confirmations; undefined if the text isn't a topic's ARN. */
export function snsHost(topicArn: string): string | undefined {
  const [, partition, region] = TOPIC_ARN.exec(topicArn) ?? [];
  if (partition === undefined) return undefined;
  return `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}

const completion = z.object({ taskId: z.string().regex(/^[A-Za-z0-9_-]{1,100}$/) });

/** The id of the task that a notification from Polly is about; undefined if it is about something else. */
export function taskIn({ Message }: SnsMessage): string | undefined {
  // Any text can be published on a topic.
  return completion.safeParse(jsonIn(Message)).data?.taskId;
}
