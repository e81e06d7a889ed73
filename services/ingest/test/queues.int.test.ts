/** Set files in buckets, found through notifications, on a real broker and a server that speaks S3 and SQS. */
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { dropName, runOfFile } from '@setlist/admission';
import { lexiconsSubject } from '@setlist/contracts';
import { createLogger } from '@setlist/runtime';
import { folderObjectStore } from '@setlist/storage';
import { eventually, startProcess, temporaryFolder } from '@setlist/testkit';
import { describe, expect, it } from 'vitest';
import { Leases } from '../src/adapters/leases.ts';
import { RunMarkers } from '../src/adapters/run-markers.ts';
import type { IngestDeps } from '../src/index.ts';
import { BucketInbox } from '../src/watch/watch-bucket.ts';
import { type Bucket, largeSetOf, neverReadsLarge, setNames, withBuckets } from './bucket-world.ts';
import { setOf, startWorld, upTo } from './world.ts';

const s3 = withBuckets();

describe('a queue', () => {
  const notification = (bucket: Bucket, key: string, eventName = 'ObjectCreated:Put') => ({
    Records: [
      { eventName, s3: { bucket: { name: bucketOf(bucket) }, object: { key: encoded(`in/${key}`) } } },
    ],
  });
  const bucketOf = ({ uri }: Bucket): string => new URL(uri).hostname;
  const encoded = (key: string): string =>
    encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
  const viaTopic = (message: object) => ({
    Type: 'Notification',
    TopicArn: 'arn:aws:sns:eu-central-1:000000000000:sets',
    Message: JSON.stringify(message),
  });

  /** A file that waits, since nobody answers about its lexicon. */
  const waiting = (name: string) => `set:\n  name: ${name}\nitems:\n  - text: W3C\n    lexicons: [w3c]\n`;

  let queues = 0;
  async function newQueue() {
    const client = new SQSClient({ endpoint: s3.server().endpoint, region: s3.server().region });
    const attributes = { VisibilityTimeout: '60' };
    const made = await client.send(
      new CreateQueueCommand({ QueueName: `q-${++queues}`, Attributes: attributes }),
    );
    // The emulator's own URL has a host name that not every machine can resolve.
    const QueueUrl = s3.server().endpoint + new URL(made.QueueUrl ?? '').pathname;
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
    return {
      url: QueueUrl,
      send: (message: object | string) =>
        client.send(
          new SendMessageCommand({
            QueueUrl,
            MessageBody: typeof message === 'string' ? message : JSON.stringify(message),
          }),
        ),
      left: async (): Promise<number> => {
        const wish = { QueueUrl, AttributeNames: [...AttributeNames] };
        const { Attributes = {} } = await client.send(new GetQueueAttributesCommand(wish));
        return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
      },
    };
  }

  /** Watches an empty bucket; resolves when its only list of this hour is over. */
  async function listen(world: Awaited<ReturnType<typeof startWorld>>, deps: Partial<IngestDeps> = {}) {
    const bucket = await s3.create();
    const queue = await newQueue();
    await queue.send({ Event: 's3:TestEvent' });
    const env = { BUCKET_POLL_EVERY: '1h', SQS_QUEUES: queue.url };
    const ingest = s3.watch(world, bucket, { env, deps });
    await eventually(async () => (await queue.left()) === 0);
    return { bucket, queue, [Symbol.asyncDispose]: () => ingest[Symbol.asyncDispose]() };
  }

  it('announces new files long before the next list, whichever way its messages come', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    const queue = await newQueue();
    const env = { BUCKET_POLL_EVERY: '1h', SQS_QUEUES: queue.url };
    await bucket.put('first.yml', setOf('first', 1));
    await using _ingest = s3.watch(world, bucket, { env });
    // The one list of this hour is over.
    await eventually(async () => (await setNames(world)).includes('first'));
    for (const key of ['a 1+ü.yml', 'b.yml', 'c.yml']) await bucket.put(key, setOf(key.slice(0, 1), 1));
    await queue.send(notification(bucket, 'a 1+ü.yml'));
    await queue.send(viaTopic(notification(bucket, 'b.yml', 'ObjectCreated:CompleteMultipartUpload')));
    await queue.send({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { bucket: { name: bucketOf(bucket) }, object: { key: 'in/c.yml' } },
    });
    await eventually(async () => expect((await setNames(world)).sort()).toEqual(['a', 'b', 'c', 'first']));
    await eventually(async () => (await queue.left()) === 0);
  });

  it('is cleared of messages that need no work, and keeps those that are not understood for its redrive policy', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    const queue = await newQueue();
    const env = { BUCKET_POLL_EVERY: '1h', SQS_QUEUES: queue.url };
    await using _ingest = s3.watch(world, bucket, { env });
    await queue.send({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: bucketOf(bucket) });
    await queue.send(notification(bucket, 'gone.yml', 'ObjectRemoved:Delete'));
    await queue.send(notification(bucket, 'never-was.yml'));
    await queue.send(notification(bucket, 'bad.yml.problems.json'));
    await queue.send(notification({ ...bucket, uri: 's3://elsewhere/in' }, 'x.yml'));
    await queue.send('poison');
    await eventually(() => world.logged.some(({ event }) => event === 'not-a-notification'));
    await eventually(async () => (await queue.left()) === 1);
    expect(await world.lives()).toEqual([]);
  });

  it('is cleared of a message about a name that no store can hold, which is logged with what to do', async () => {
    await using world = await startWorld();
    const bucket = await s3.create();
    const queue = await newQueue();
    const env = { BUCKET_POLL_EVERY: '1h', SQS_QUEUES: queue.url };
    await using _ingest = s3.watch(world, bucket, { env });
    await queue.send(notification(bucket, 'act 1//scene 2.yml'));
    await eventually(() => world.logged.some(({ event }) => event === 'ignored'));
    await eventually(async () => (await queue.left()) === 0);
    expect(world.logged.find(({ event }) => event === 'ignored')).toMatchObject({
      file: 'act 1//scene 2.yml',
      remedy: 'Give the object another name: write a single "/".',
    });
  });

  it('is not held up by any number of files that wait', async () => {
    await using world = await startWorld();
    await using listening = await listen(world);
    const { bucket, queue } = listening;
    for (const n of upTo(41)) {
      await bucket.put(`waits-${n}.yml`, waiting(`waits-${n}`));
      await queue.send(notification(bucket, `waits-${n}.yml`));
    }
    await bucket.put('good.yml', setOf('good', 1));
    await queue.send(notification(bucket, 'good.yml'));
    await eventually(async () => (await setNames(world)).includes('good'));
    await eventually(async () => expect(await queue.left()).toBe(41));
  });

  it('is not held up by any number of large files that wait for each other', async () => {
    await using world = await startWorld();
    await using listening = await listen(world, { open: neverReadsLarge });
    const { bucket, queue } = listening;
    for (const n of upTo(25)) {
      await bucket.put(`large-${n}.yml`, largeSetOf(`large-${n}`));
      await queue.send(notification(bucket, `large-${n}.yml`));
    }
    await bucket.put('small.yml', setOf('small', 1));
    await queue.send(notification(bucket, 'small.yml'));
    await eventually(async () => expect(await setNames(world)).toEqual(['small']));
    await eventually(async () => expect(await queue.left()).toBe(25));
  });

  it('keeps a message until its file has been processed', async () => {
    await using world = await startWorld();
    await using listening = await listen(world);
    const { bucket, queue } = listening;
    await bucket.put('waits.yml', waiting('waits'));
    await queue.send(notification(bucket, 'waits.yml'));
    await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
    expect(await queue.left()).toBe(1);
    await using _answering = world.log.answer(
      lexiconsSubject('local'),
      async () => ({ digests: { w3c: 'a'.repeat(64) } }),
      (error) => {
        throw error;
      },
    );
    await eventually(async () => (await queue.left()) === 0);
    expect(await setNames(world)).toEqual(['waits']);
  });
});

it('a file that another replica holds keeps its message waiting until that one is done', async () => {
  await using world = await startWorld();
  await using folder = await temporaryFolder();
  const bucket = await s3.create();
  await bucket.put('act.yml', setOf('act', 1));
  const logger = createLogger({ service: 'ingest', level: 'silent' });
  await using others = new Leases({ log: world.log, logger });
  await using own = new Leases({ log: world.log, logger });
  const uri = `${bucket.uri}/act.yml`;
  const [found] = await Array.fromAsync(bucket.store.list(''));
  if (found === undefined) throw new Error('nothing was put');
  const run = runOfFile({ ...found, uri });
  const held = await others.hold(dropName({ run, uri }), { run, fileName: 'act.yml' });
  const taken: string[] = [];
  const store = folderObjectStore(world.storeFolder);
  const inbox = new BucketInbox({
    inbox: bucket.store,
    deps: { log: world.log, store, logger, signal: new AbortController().signal },
    markers: new RunMarkers(store),
    processor: { take: async (dropped) => taken.push(dropped.run) > 0 },
    leases: own,
    pollEveryMs: 3_600_000,
    heldElsewhereMs: 50,
    folder: folder.path,
  });
  const waits = Promise.withResolvers<void>();
  const processed = inbox.hint('act.yml', waits.resolve);
  await waits.promise;
  expect(taken).toEqual([]);
  await held?.[Symbol.asyncDispose]();
  expect(await processed).toBe(true);
  expect(taken).toEqual([run]);
});

it('a queue is refused at the start if no bucket is watched', async () => {
  await using world = await startWorld();
  const entry = new URL('../src/main.ts', import.meta.url).pathname;
  const env = {
    INBOX: world.inbox,
    STORE: world.storeFolder,
    NATS_URL: world.nats.url,
    SQS_QUEUES: 'https://sqs.eu-central-1.amazonaws.com/1/q',
    LOG_FORMAT: 'json',
  };
  await using refused = await startProcess({ name: 'ingest', entry, env });
  expect(await refused.exited).toEqual({ code: 3, signal: null });
  expect(JSON.parse(refused.lines.at(-2) ?? '{}')).toMatchObject({
    event: 'start-failed',
    remedy: expect.stringContaining('Name the bucket'),
  });
});
