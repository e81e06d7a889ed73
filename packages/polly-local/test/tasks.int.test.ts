import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GetSpeechSynthesisTaskCommand,
  ListSpeechSynthesisTasksCommand,
  StartSpeechSynthesisTaskCommand,
  type StartSpeechSynthesisTaskCommandInput,
  type SynthesisTask,
} from '@aws-sdk/client-polly';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { eventually, type S3Server, startS3, type TemporaryFolder, temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode } from './audio.ts';
import { startEngine, type TestEngine } from './engine.ts';

const whale = {
  Text: 'The whale swam, and the sea closed over it.',
  VoiceId: 'Brian',
  Engine: 'neural',
  OutputFormat: 'mp3',
  OutputS3BucketName: 'audio',
} as const satisfies StartSpeechSynthesisTaskCommandInput;

async function start(engine: TestEngine, input: Partial<StartSpeechSynthesisTaskCommandInput> = {}) {
  const { SynthesisTask } = await engine.http1.send(
    new StartSpeechSynthesisTaskCommand({ ...whale, ...input }),
  );
  if (!SynthesisTask?.TaskId) throw new Error('a started task has an id');
  return { ...SynthesisTask, TaskId: SynthesisTask.TaskId };
}

const ended = (engine: TestEngine, TaskId: string): Promise<SynthesisTask> =>
  eventually(async () => {
    const { SynthesisTask: task } = await engine.http1.send(new GetSpeechSynthesisTaskCommand({ TaskId }));
    return task && ['completed', 'failed'].includes(task.TaskStatus ?? '') ? task : null;
  });

describe('tasks that write to a folder', () => {
  let folder: TemporaryFolder;
  let engine: TestEngine;
  beforeAll(async () => {
    folder = await temporaryFolder();
    engine = await startEngine({ TASK_OUTPUT_DIR: folder.path });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it('start as scheduled and end with audio under the key in OutputUri', async () => {
    const task = await start(engine, { OutputS3KeyPrefix: 'book/one' });
    expect(task).toMatchObject({
      TaskStatus: 'scheduled',
      OutputUri: `https://s3.us-east-1.amazonaws.com/audio/book/one.${task.TaskId}.mp3`,
      RequestCharacters: whale.Text.length,
      Engine: 'neural',
      VoiceId: 'Brian',
    });
    expect(Math.abs(Date.now() - Number(task.CreationTime?.getTime()))).toBeLessThan(60_000);
    expect(await ended(engine, task.TaskId)).toMatchObject({
      TaskStatus: 'completed',
      OutputUri: task.OutputUri,
    });
    const bytes = await readFile(join(folder.path, 'audio', 'book', `one.${task.TaskId}.mp3`));
    const audio = await decode('mp3', bytes, 0);
    expect(audio).toMatchObject({ errors: 0, sampleRate: 24_000 });
    expect(audio.seconds).toBeGreaterThan(2);
    expect(audio.loudness).toBeGreaterThan(0.02);
    expect(await readdir(join(folder.path, 'audio', 'book'))).toEqual([`one.${task.TaskId}.mp3`]);
  });

  it('take texts that are too long for SynthesizeSpeech, in full', async () => {
    const task = await start(engine, { Text: `${whale.Text} `.repeat(100), OutputFormat: 'pcm' });
    expect((await ended(engine, task.TaskId)).TaskStatus).toBe('completed');
    const bytes = await readFile(join(folder.path, 'audio', `${task.TaskId}.pcm`));
    expect((await decode('pcm', bytes, 16_000)).seconds).toBeGreaterThan(200);
  });

  it('write speech marks too', async () => {
    const task = await start(engine, { OutputFormat: 'json', SpeechMarkTypes: ['word'] });
    await ended(engine, task.TaskId);
    const lines = (await readFile(join(folder.path, 'audio', `${task.TaskId}.marks`), 'utf8'))
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line).value).slice(0, 3)).toEqual(['The', 'whale', 'swam']);
  });

  it.each<[string, object]>([
    ['InvalidS3BucketException', { OutputS3BucketName: 'No_Bucket' }],
    ['InvalidS3KeyException', { OutputS3KeyPrefix: 'with space' }],
    ['InvalidS3KeyException', { OutputS3KeyPrefix: 'a'.repeat(801) }],
    ['InvalidS3KeyException', { OutputS3KeyPrefix: '../../out' }],
    ['InvalidSnsTopicArnException', { SnsTopicArn: 'my-topic' }],
    ['InvalidSnsTopicArnException', { SnsTopicArn: 'arn:aws:sns:us-east-1:000000000000:done' }],
    ['InvalidSampleRateException', { SampleRate: '48000' }],
    ['TextLengthExceededException', { Text: 'a'.repeat(100_001) }],
    ['ValidationException', { OutputS3BucketName: undefined }],
  ])('are refused with %s: %o', async (name, input) => {
    await expect(start(engine, input)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  it('are refused with the proper errors when looked up by an unknown or invalid id', async () => {
    const get = (TaskId: string) => engine.http1.send(new GetSpeechSynthesisTaskCommand({ TaskId }));
    await expect(get('no task')).rejects.toMatchObject({ name: 'InvalidTaskIdException' });
    await expect(get('b8c3a7a2-0000-4000-8000-000000000000')).rejects.toMatchObject({
      name: 'SynthesisTaskNotFoundException',
      $metadata: { httpStatusCode: 400 },
    });
  });
});

describe('lists of tasks', () => {
  it('come in pages, newest first, filtered by status, while more are started', async () => {
    await using folder = await temporaryFolder();
    await using engine = await startEngine({ ENGINE: 'instant', TASK_OUTPUT_DIR: folder.path });
    const ids = new Set<string>();
    for (let n = 0; n < 12; n++) ids.add((await start(engine)).TaskId);
    for (const id of ids) await ended(engine, id);
    const seen: string[] = [];
    const times: number[] = [];
    let NextToken: string | undefined;
    do {
      const page = await engine.http1.send(
        new ListSpeechSynthesisTasksCommand({
          MaxResults: 5,
          Status: 'completed',
          ...(NextToken && { NextToken }),
        }),
      );
      for (const task of page.SynthesisTasks ?? []) {
        seen.push(task.TaskId ?? '');
        times.push(Number(task.CreationTime));
      }
      NextToken = page.NextToken;
      await ended(engine, (await start(engine)).TaskId);
    } while (NextToken);
    expect(seen.length).toBe(12);
    expect(new Set(seen)).toEqual(ids);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    const failed = await engine.http1.send(new ListSpeechSynthesisTasksCommand({ Status: 'failed' }));
    expect(failed.SynthesisTasks).toEqual([]);
    const tooMany = engine.http1.send(new ListSpeechSynthesisTasksCommand({ MaxResults: 101 }));
    await expect(tooMany).rejects.toMatchObject({ name: 'ValidationException' });
    const noNumber = await fetch(`${engine.url}/v1/synthesisTasks?MaxResults=abc`);
    expect(await noNumber.text()).toContain("Value 'abc' at 'maxResults'");
    const madeUp = engine.http1.send(new ListSpeechSynthesisTasksCommand({ NextToken: 'x' }));
    await expect(madeUp).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });
});

describe('tasks that write to S3', () => {
  let s3: S3Server;
  let engine: TestEngine;
  beforeAll(async () => {
    s3 = await startS3();
    await s3.createBucket('audio');
    engine = await startEngine({
      S3_ENDPOINT: s3.endpoint,
      SNS_ENDPOINT: s3.endpoint,
      AWS_REGION: s3.region,
    });
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    await s3[Symbol.asyncDispose]();
  });

  it('leave the audio in the bucket with its type', async () => {
    const task = await start(engine, { OutputS3KeyPrefix: 'book/' });
    expect(task.OutputUri).toBe(`https://s3.${s3.region}.amazonaws.com/audio/book/.${task.TaskId}.mp3`);
    expect((await ended(engine, task.TaskId)).TaskStatus).toBe('completed');
    const client = new S3Client(s3.s3ClientConfig);
    const object = await client.send(
      new GetObjectCommand({ Bucket: 'audio', Key: `book/.${task.TaskId}.mp3` }),
    );
    expect(object.ContentType).toBe('audio/mpeg');
    const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array();
    expect(await decode('mp3', bytes, 0)).toMatchObject({ errors: 0, channels: 1 });
    client.destroy();
  });

  it('fail with the reason when there is no such bucket', async () => {
    const task = await start(engine, { OutputS3BucketName: 'nowhere' });
    const { TaskStatus, TaskStatusReason } = await ended(engine, task.TaskId);
    expect(TaskStatus).toBe('failed');
    expect(TaskStatusReason).toMatch(/bucket/i);
  });

  it('notify their topic how they ended', async () => {
    const { receive, topicArn } = await topicWithQueue(s3);
    const task = await start(engine, { SnsTopicArn: topicArn });
    const failing = await start(engine, { SnsTopicArn: topicArn, OutputS3BucketName: 'nowhere' });
    const notices = await eventually(async () => {
      const messages = await receive();
      return messages.length === 2 ? messages : null;
    });
    expect(notices.find(({ taskId }) => taskId === task.TaskId)).toMatchObject({
      taskStatus: 'COMPLETED',
      outputUri: `s3://audio/${task.TaskId}.mp3`,
      outputFormat: 'Mp3',
      textType: 'Text',
      voiceId: 'Brian',
      requestCharacters: whale.Text.length,
      snsTopicArn: topicArn,
    });
    expect(notices.find(({ taskId }) => taskId === failing.TaskId)).toMatchObject({ taskStatus: 'FAILED' });
  });
});

type SqsAnswer = {
  readonly QueueUrl?: string;
  readonly Attributes?: { readonly QueueArn: string };
  readonly Messages?: readonly { readonly MessageId: string; readonly Body: string }[];
};

/** A topic, and the messages that a queue subscribed to it has received so far. */
async function topicWithQueue({ endpoint, s3ClientConfig: { region, credentials } }: S3Server) {
  const sns = new SNSClient({ endpoint, region, credentials });
  const sqs = async (action: string, input: object): Promise<SqsAnswer> => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
    const reply = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify(input) });
    return (await reply.json()) as SqsAnswer;
  };
  const { QueueUrl } = await sqs('CreateQueue', { QueueName: 'heard' });
  const { Attributes } = await sqs('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'done' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }));
  sns.destroy();
  /** By the queue's own id: it delivers a message again that is not deleted. */
  const heard = new Map<string, Record<string, unknown>>();
  return {
    topicArn: TopicArn,
    async receive() {
      const { Messages = [] } = await sqs('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      for (const { MessageId, Body } of Messages) heard.set(MessageId, JSON.parse(JSON.parse(Body).Message));
      return [...heard.values()];
    },
  };
}
