import { describe, expect, test } from 'vitest';
import { isFresh, regionOf, type SnsMessage, signedText, snsHost, snsMessage, taskIn } from './message.ts';

const NOON = Date.parse('2026-11-22T12:00:00.000Z');
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:tasks';
const notification = (changes: object = {}): SnsMessage =>
  snsMessage.parse({
    Type: 'Notification',
    MessageId: 'id-1',
    TopicArn: TOPIC,
    Message: '{"taskId":"t-1","taskStatus":"COMPLETED"}',
    Timestamp: '2026-11-22T12:00:00.000Z',
    SignatureVersion: '2',
    Signature: 'AAAA',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/x.pem',
    ...changes,
  });

describe('the signed text', () => {
  test('of a notification has a subject only if the notification does', () => {
    const lines = (text: string): string[] => text.split('\n');
    expect(lines(signedText(notification()))).toEqual([
      ...['Message', '{"taskId":"t-1","taskStatus":"COMPLETED"}', 'MessageId', 'id-1'],
      ...['Timestamp', '2026-11-22T12:00:00.000Z', 'TopicArn', TOPIC, 'Type', 'Notification', ''],
    ]);
    expect(lines(signedText(notification({ Subject: 'Hello' }))).slice(4, 6)).toEqual(['Subject', 'Hello']);
  });

  test('of a confirmation has its address and token', () => {
    const confirmation = { Type: 'SubscriptionConfirmation', SubscribeURL: 'https://x/y', Token: 'secret' };
    const text = signedText(notification(confirmation));
    expect(text).toContain('SubscribeURL\nhttps://x/y\nTimestamp\n');
    expect(text).toContain('Token\nsecret\nTopicArn\n');
  });
});

describe('a topic', () => {
  test.each([
    [TOPIC, 'sns.eu-west-1.amazonaws.com'],
    ['arn:aws-cn:sns:cn-north-1:123456789012:tasks', 'sns.cn-north-1.amazonaws.com.cn'],
    ['arn:aws-us-gov:sns:us-gov-west-1:123456789012:tasks', 'sns.us-gov-west-1.amazonaws.com'],
  ])('%s belongs to %s', (arn, host) => {
    expect(snsHost(arn)).toBe(host);
  });

  test.each([
    'arn:aws:sns:evil.example/:123456789012:tasks',
    'arn:aws:sqs:eu-west-1:123456789012:tasks',
    'arn:aws:sns:eu-west-1:123456789012:tasks:sub',
    '',
  ])('is not %j', (arn) => {
    expect(snsHost(arn)).toBeUndefined();
    expect(regionOf(arn)).toBeUndefined();
  });
});

test('a message is fresh for an hour, and can come from a clock slightly ahead', () => {
  const minutes = (count: number): number => NOON + count * 60_000;
  expect(
    [minutes(-6), minutes(-4), minutes(59), minutes(61)].map((now) => isFresh(notification(), now)),
  ).toEqual([false, true, true, false]);
});

test.each(['no JSON', '{"taskId":3}', '{"taskId":"../x"}', '[]', 'null'])('%s names no task', (Message) => {
  expect(taskIn(notification({ Message }))).toBeUndefined();
});
