/** Drives the emulator with the SDK's clients, from here and from a child process that has only the environment. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { startS3 } from '../src/index.ts';

it('stores an object larger than the emulator’s default limit', async () => {
  await using server = await startS3();
  await server.createBucket('audio');
  using s3 = disposable(new S3Client(server.s3ClientConfig));
  const body = new Uint8Array(20 * 1024 * 1024).fill(7);
  await s3.client.send(new PutObjectCommand({ Bucket: 'audio', Key: 'a b+ü.pcm', Body: body }));
  const answer = await s3.client.send(new GetObjectCommand({ Bucket: 'audio', Key: 'a b+ü.pcm' }));
  expect(Buffer.compare((await answer.Body?.transformToByteArray()) ?? new Uint8Array(), body)).toBe(0);
});

it('carries a message from a topic to a queue', async () => {
  await using server = await startS3();
  using sns = disposable(new SNSClient(server.s3ClientConfig));
  using sqs = disposable(new SQSClient(server.s3ClientConfig));
  const topic = await sns.client.send(new CreateTopicCommand({ Name: 'done' }));
  const queue = await sqs.client.send(new CreateQueueCommand({ QueueName: 'done' }));
  const queueArn = topic.TopicArn?.replace(':sns:', ':sqs:');
  await sns.client.send(
    new SubscribeCommand({ TopicArn: topic.TopicArn, Protocol: 'sqs', Endpoint: queueArn }),
  );
  await sns.client.send(new PublishCommand({ TopicArn: topic.TopicArn, Message: 'all six' }));
  const got = await sqs.client.send(
    new ReceiveMessageCommand({ QueueUrl: queue.QueueUrl, WaitTimeSeconds: 5 }),
  );
  expect(JSON.parse(got.Messages?.[0]?.Body ?? '{}')).toMatchObject({ Message: 'all six' });
});

it('is reached by a child process through its environment alone', async () => {
  await using server = await startS3();
  await server.createBucket('from-the-test');
  const script = `
    import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
    const answer = await new S3Client().send(new ListBucketsCommand());
    process.stdout.write(answer.Buckets.map((bucket) => bucket.Name).join());`;
  const child = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    env: server.env,
  });
  expect(child.stdout).toBe('from-the-test');
});

it('listens on one loopback address, not on every interface', async () => {
  await using server = await startS3();
  await expect(fetch(`${server.endpoint}/health`)).resolves.toMatchObject({ status: 200 });
  await expect(fetch(`${server.endpoint.replace('127.0.0.1', '127.0.0.2')}/health`)).rejects.toThrow();
});

function disposable<Client extends { destroy(): void }>(client: Client): Disposable & { client: Client } {
  return { client, [Symbol.dispose]: () => client.destroy() };
}
