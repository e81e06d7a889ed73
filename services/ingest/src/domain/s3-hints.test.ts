/** Messages as S3, SNS and EventBridge write them, and malformed ones. */
import { describe, expect, it } from 'vitest';
import { hintsIn } from './s3-hints.ts';

const record = (key: string, eventName = 'ObjectCreated:Put') => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: 'eu-central-1',
  eventTime: '2026-11-22T20:50:12.000Z',
  eventName,
  s3: {
    s3SchemaVersion: '1.0',
    bucket: { name: 'sets', arn: 'arn:aws:s3:::sets' },
    object: { key, size: 10, eTag: 'd41d8cd98f00b204e9800998ecf8427e', sequencer: '0055AED6DCD90281E5' },
  },
});
const told = (...records: object[]): string => JSON.stringify({ Records: records });
const byTopic = (Message: string): string =>
  JSON.stringify({ Type: 'Notification', MessageId: '1', TopicArn: 'arn:aws:sns:eu-central-1:1:t', Message });
const event = (key: string, type: string): string =>
  JSON.stringify({
    version: '0',
    source: 'aws.s3',
    'detail-type': type,
    detail: { version: '0', bucket: { name: 'sets' }, object: { key, size: 5 }, reason: 'PutObject' },
  });

describe('a message', () => {
  it.each([
    ['from S3', told(record('in/act+1%2B%C3%BC.yml'))],
    ['from S3 through a topic', byTopic(told(record('in/act+1%2B%C3%BC.yml')))],
    ['from EventBridge, whose keys are not encoded', event('in/act 1+ü.yml', 'Object Created')],
  ])('%s names its object', (_, body) => {
    expect(hintsIn(body)).toEqual([{ bucket: 'sets', key: 'in/act 1+ü.yml' }]);
  });

  it('can be about several objects, of which only the created ones count', () => {
    const body = told(
      record('a.yml'),
      record('b.yml', 'ObjectRemoved:Delete'),
      record('c.yml', 'ObjectCreated:Copy'),
    );
    expect(hintsIn(body)?.map(({ key }) => key)).toEqual(['a.yml', 'c.yml']);
  });

  it.each([
    ['a test', JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'sets' })],
    ['a test through a topic', byTopic(JSON.stringify({ Event: 's3:TestEvent' }))],
    ['a removal', event('a.yml', 'Object Deleted')],
    ['no record at all', told()],
  ])('about %s gives no hints', (_, body) => {
    expect(hintsIn(body)).toEqual([]);
  });

  it.each([
    '',
    'plain text',
    '[]',
    'null',
    '{}',
    '{"Records":[{"eventName":"ObjectCreated:Put"}]}',
    byTopic('plain text'),
    told(record('%E0%A4%A')),
    JSON.stringify({ source: 'aws.ec2', 'detail-type': 'Object Created', detail: {} }),
  ])('such as %j is not understood', (body) => {
    expect(hintsIn(body)).toBeUndefined();
  });
});
