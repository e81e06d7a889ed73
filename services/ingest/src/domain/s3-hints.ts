/**
 * Reads what a message on a queue says about objects in a bucket. It can come from S3 itself, through an SNS topic, or
 * from EventBridge:
 *
 *   https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 *   https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
import { jsonIn, uriDecoded } from '@setlist/contracts';
import { z } from 'zod';

/** An object that is reported as written. */
export interface ObjectHint {
  readonly bucket: string;
  readonly key: string;
}

const notification = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      s3: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
    }),
  ),
});
const eventBridge = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  detail: z.object({ bucket: z.object({ name: z.string() }), object: z.object({ key: z.string() }) }),
});
const testEvent = z.object({ Event: z.literal('s3:TestEvent') });
const fromTopic = z.object({ Type: z.literal('Notification'), TopicArn: z.string(), Message: z.string() });

/**
 * The objects that a message reports as created; empty for messages about other events of S3.
 * @returns undefined if the message is not one of the known kinds
 */
export function hintsIn(body: string): readonly ObjectHint[] | undefined {
  const message = jsonIn(body);
  const wrapped = fromTopic.safeParse(message);
  return hintsOf(wrapped.success ? jsonIn(wrapped.data.Message) : message);
}

function hintsOf(message: unknown): readonly ObjectHint[] | undefined {
  const notified = notification.safeParse(message);
  if (notified.success) {
    const created = notified.data.Records.filter(({ eventName }) => /^(s3:)?ObjectCreated:/.test(eventName));
    const hints = created.map(({ s3 }) => ({ bucket: s3.bucket.name, key: decoded(s3.object.key) }));
    return hints.every(({ key }) => key !== undefined) ? (hints as ObjectHint[]) : undefined;
  }
  const event = eventBridge.safeParse(message);
  if (event.success) {
    const { bucket, object } = event.data.detail;
    return event.data['detail-type'] === 'Object Created' ? [{ bucket: bucket.name, key: object.key }] : [];
  }
  return testEvent.safeParse(message).success ? [] : undefined;
}

/** S3 encodes keys like form data; EventBridge sends them unencoded. */
const decoded = (key: string): string | undefined => uriDecoded(key.replaceAll('+', ' '));
