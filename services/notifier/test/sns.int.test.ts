/** Messages as SNS delivers them, through an SNS and SQS API on loopback. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import type { SetlistEvent } from '@setlist/contracts';
import { eventually, type S3Server, startOutboundProxy } from '@setlist/testkit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { noticeKey } from '../src/domain/channel.ts';
import { type Harness, notifierOf, startAws, startHarness } from './harness.ts';
import { type Answer, startReceiver } from './receiver.ts';
import { completed, rejected, SET_ID, stalled } from './set-events.ts';

let stack: AsyncDisposableStack;
let world: Harness;
let aws: S3Server;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  aws = await startAws(stack);
  world = stack.use(await startHarness());
});
afterEach(() => stack.disposeAsync());

/** The answers of the three actions, one field each. */
interface SqsAnswer {
  readonly QueueUrl: string;
  readonly Attributes: { readonly QueueArn: string };
  readonly Messages?: readonly { readonly Body: string; readonly Attributes?: Record<string, string> }[];
}

describe('SNS', () => {
  let topic: string;
  let queueUrl: string;

  beforeEach(async () => {
    queueUrl = (await sqs('CreateQueue', { QueueName: 'told' })).QueueUrl;
    const { Attributes } = await sqs('GetQueueAttributes', {
      QueueUrl: queueUrl,
      AttributeNames: ['QueueArn'],
    });
    const sns = new SNSClient(aws.s3ClientConfig);
    stack.defer(() => sns.destroy());
    topic = (await sns.send(new CreateTopicCommand({ Name: 'setlist' }))).TopicArn ?? '';
    const subscription = { TopicArn: topic, Protocol: 'sqs', Endpoint: Attributes.QueueArn };
    await sns.send(new SubscribeCommand(subscription));
  });

  /** Calls SQS by its JSON protocol; the emulator checks no signature. */
  async function sqs(action: string, input: object): Promise<SqsAnswer> {
    const answer = await fetch(aws.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
        authorization: `AWS4-HMAC-SHA256 Credential=test/20261122/${aws.region}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(input),
    });
    if (!answer.ok) throw new Error(`${action}: ${await answer.text()}`);
    return (await answer.json()) as SqsAnswer;
  }

  async function delivered(event: SetlistEvent) {
    await world.noteOf(event, 'records');
    const { Messages = [] } = await sqs('ReceiveMessage', { QueueUrl: queueUrl, WaitTimeSeconds: 10 });
    const { Message, ...rest } = JSON.parse(Messages[0]?.Body ?? '{}');
    // SNS itself would deliver the text for the protocol; the emulator delivers all of them.
    const { default: forPrograms, sms, email } = JSON.parse(Message);
    return { ...rest, details: JSON.parse(forPrograms), sms, email };
  }

  test('is reached by the proxy of the environment', async () => {
    const proxy = stack.use(await startOutboundProxy(aws.endpoint));
    for (const [name, value] of Object.entries(proxy.env)) vi.stubEnv(name, value);
    await notifierOf(world, { records: { kind: 'sns', topic } });
    const event = completed();
    await world.happened(event);
    expect((await delivered(event)).details).toHaveProperty('set_name', SET_ID);
    expect(proxy.asked).toEqual([`POST ${aws.endpoint}/`]);
  });

  test('gets a completion with the reference’s structure and wording, and attributes to filter by', async () => {
    await notifierOf(world, { records: { kind: 'sns', topic } });
    const set = { name: 'Möby Dick', description: 'by Melville', location: 's3://bucket/moby', notify: [] };
    const event = completed({ set });
    await world.happened(event);
    const { Subject, details, sms, email, MessageAttributes } = await delivered(event);
    expect(Subject).toBe('Polly batch set Moby Dick completed');
    expect(sms).toBe('Polly batch set Möby Dick completed');
    expect(email).toBe(details.message);
    expect(details).toEqual({
      message:
        'Your Amazon Polly batch set Möby Dick (by Melville) completed with 6 successful tasks and 0 failures. The requested files are in s3://bucket/moby/.',
      set_name: SET_ID,
      successes: '6',
      failures: '0',
      location: 's3://bucket/moby/',
    });
    expect(MessageAttributes).toEqual({
      event: { Type: 'String', Value: 'SetCompleted' },
      notice: { Type: 'String', Value: 'completed' },
      state: { Type: 'String', Value: 'completed' },
      set_id: { Type: 'String', Value: SET_ID },
      set: { Type: 'String', Value: 'Möby Dick' },
      successes: { Type: 'Number', Value: '6' },
      failures: { Type: 'Number', Value: '0' },
      seal: { Type: 'String', Value: event.data.chain.head },
    });
    expect((await world.noteOf(event, 'records')).data).toMatchObject({
      recipient: expect.stringMatching(/^arn:aws:sns:eu-central-1:\*\*\*:setlist$/),
      messageId: expect.any(String),
    });
  });

  test('gets a stalled set with the reference’s words for it', async () => {
    await notifierOf(world, { records: { kind: 'sns', topic } });
    await world.happened(stalled());
    const { Subject, details, sms } = await delivered(stalled());
    expect([Subject, sms]).toEqual(Array(2).fill('Problem with your Amazon Polly batch set moby-dick'));
    expect(details).toEqual({
      message:
        'There is a problem with your Polly batch set moby-dick (Moby Dick by Herman Melville). No updates have been made since 2026-11-22 20:02:15 UTC.',
      set_name: SET_ID,
      no_updated_since: '2026-11-22T20:02:15.000Z',
    });
  });

  test('gets a rejected file too, under a subject that SNS accepts', async () => {
    await notifierOf(world, { records: { kind: 'sns', topic } });
    const uri = `file:///inbox/${encodeURIComponent('ü🎧'.repeat(80))}.yml`;
    const event = rejected({ source: { uri, bytes: 1 } });
    await world.happened(event);
    const { Subject, details } = await delivered(event);
    expect(Subject).toMatch(/^Setlist: u\?[\x20-\x7e]+\.\.\.$/);
    expect(Subject.length).toBeLessThan(100);
    expect(details).toMatchObject({
      state: 'rejected',
      message: expect.stringContaining('refused as a whole'),
    });
  });

  test('a FIFO topic has one group for each set, and gets a repeat under the same deduplication id', async () => {
    const { QueueUrl } = await sqs('CreateQueue', {
      QueueName: 'told.fifo',
      Attributes: { FifoQueue: 'true' },
    });
    const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
    const sns = new SNSClient(aws.s3ClientConfig);
    stack.defer(() => sns.destroy());
    const asked = { Name: 'setlist.fifo', Attributes: { FifoTopic: 'true' } };
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand(asked));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes.QueueArn }));
    await notifierOf(world, { records: { kind: 'sns', topic: TopicArn } });
    const event = completed();
    await world.happened(event);
    await world.noteOf(event, 'records');
    const { Messages = [] } = await sqs('ReceiveMessage', {
      QueueUrl,
      WaitTimeSeconds: 10,
      AttributeNames: ['All'],
    });
    expect(Messages.map((message) => message.Attributes)).toEqual([
      expect.objectContaining({
        MessageGroupId: SET_ID,
        MessageDeduplicationId: noticeKey(event.id),
      }),
    ]);
  });

  test('a topic that is created later gets the earlier messages', async () => {
    const name = 'setlist-later';
    await notifierOf(world, {
      records: { kind: 'sns', topic: `${topic.slice(0, topic.lastIndexOf(':'))}:${name}` },
    });
    await world.happened(completed());
    const down = await eventually(() => world.entries.find(({ event }) => event === 'channel-down') ?? null);
    expect(down).toMatchObject({ code: 'sns-notfound', remedy: expect.stringContaining('sns:Publish') });
    const sns = new SNSClient(aws.s3ClientConfig);
    stack.defer(() => sns.destroy());
    await sns.send(new CreateTopicCommand({ Name: name }));
    expect(await world.noteOf(completed(), 'records')).toMatchObject({ name: 'NotificationSent' });
  });
});

test('while SNS is unreachable the channel rests, and is retried as long as any other', async () => {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(await text(request));
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  const { port } = server.address() as { port: number };
  const topic = 'arn:aws:sns:eu-central-1:123456789012:setlist';
  const records = { kind: 'sns', topic, endpoint: `http://127.0.0.1:${port}` };
  await notifierOf(world, { records }, { RETRY_FOR: '1h' });
  await world.happened(completed());
  await eventually(() => asked.length > 1);
  world.moveOn(3_600_000);
  const { data } = await world.noteOf(completed(), 'records');
  expect(data).toMatchObject({ message: expect.stringMatching(/^Given up .* SNS does not accept it now/) });
  expect(data.tries).toBeGreaterThan(1);
  expect(asked[0]).toMatch(/(^|&)MessageStructure=json(&|$)/);
});

test('a message waits while STS refuses the credentials of the notifier’s role, and is given up if SNS refuses it', async () => {
  const refusal =
    (code: string): Answer =>
    (response) =>
      void response
        .writeHead(400, { 'content-type': 'text/xml' })
        .end(`<ErrorResponse><Error><Code>${code}</Code><Message>No.</Message></Error></ErrorResponse>`);
  const [sts, sns] = [stack.use(await startReceiver()), stack.use(await startReceiver())];
  sts.answer = refusal('InvalidIdentityToken');
  sns.answer = refusal('InvalidParameter');
  const token = join(world.folder, 'token');
  await writeFile(token, 'a token');
  const role = {
    ...{ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: '', AWS_ENDPOINT_URL_STS: sts.url },
    ...{ AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/notifier', AWS_WEB_IDENTITY_TOKEN_FILE: token },
  };
  for (const [name, value] of Object.entries(role)) vi.stubEnv(name, value);
  const topic = 'arn:aws:sns:eu-central-1:123456789012:setlist';
  await notifierOf(world, { records: { kind: 'sns', topic, endpoint: sns.url } });
  await world.happened(completed());
  await eventually(() => expect(sts.posts.length).toBeGreaterThan(1));
  const down = { event: 'channel-down', code: 'sns-invalididentitytoken' };
  expect(world.entries).toContainEqual(expect.objectContaining(down));
  expect(sns.posts).toHaveLength(0);

  const until = new Date(Date.now() + 3_600_000).toISOString();
  sts.answer = (response) =>
    void response.end(
      `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>
        <AccessKeyId>test</AccessKeyId><SecretAccessKey>test</SecretAccessKey><SessionToken>test</SessionToken>
        <Expiration>${until}</Expiration>
      </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    );
  expect(await world.noteOf(completed(), 'records')).toMatchObject({
    name: 'NotificationFailed',
    data: { code: 'sns-invalidparameter' },
  });
});
