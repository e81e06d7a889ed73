/** StartSpeechSynthesisTask, GetSpeechSynthesisTask and ListSpeechSynthesisTasks. */
import { randomUUID } from 'node:crypto';
import { LIMITS } from '@setlist/polly';
import { z } from 'zod';
import type { LexiconStore } from '../lexicons/lexicon-store.ts';
import type { AudioSink } from '../tasks/audio-sink.ts';
import type { CompletionTopic } from '../tasks/completion-topic.ts';
import { describeTask, outputKey, TASK_STATUSES, type Task, taskSortKey } from '../tasks/task.ts';
import type { TaskBoard } from '../tasks/task-board.ts';
import { ApiError } from '../wire/api-error.ts';
import { type Operation, parseInput } from './operation.ts';
import { pageOf } from './pages.ts';
import { speechInputSchema, speechOrder } from './speech-input.ts';

/** The patterns of [StartSpeechSynthesisTask](https://docs.aws.amazon.com/polly/latest/dg/API_StartSpeechSynthesisTask.html). */
const BUCKET = /^[a-z0-9][.\-a-z0-9]{1,61}[a-z0-9]$/;
const TOPIC_ARN =
  /^arn:aws(-(cn|iso(-b)?|us-gov))?:sns:[a-z0-9_-]{1,50}:\d{12}:[a-zA-Z0-9_-]{1,256}(\.fifo)?$/;
const TASK_ID = /^[a-zA-Z0-9_-]{1,100}$/;

const startSchema = speechInputSchema.extend({
  OutputS3BucketName: z.string(),
  OutputS3KeyPrefix: z.string().optional(),
  SnsTopicArn: z.string().optional(),
});

const listSchema = z.object({
  MaxResults: z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number)
    .pipe(z.number().min(1).max(LIMITS.tasksPerPage))
    .default(LIMITS.tasksPerPage),
  NextToken: z.string().optional(),
  Status: z.enum(TASK_STATUSES).optional(),
});

export type TaskDependencies = {
  readonly board: TaskBoard;
  readonly lexicons: LexiconStore;
  readonly sink: AudioSink;
  readonly topic: CompletionTopic;
  readonly region: string;
  readonly nowMs: () => number;
};

export function taskOperations({ board, lexicons, sink, topic, region, nowMs }: TaskDependencies) {
  const start: Operation = async ({ body }) => {
    const input = parseInput(startSchema, body);
    const order = speechOrder(input, 'task', lexicons);
    const id = randomUUID();
    const { OutputS3BucketName: bucket, OutputS3KeyPrefix: prefix, SnsTopicArn: snsTopicArn } = input;
    const key = outputKey(checkedPrefix(prefix), id, input.OutputFormat);
    sink.check(checkedBucket(bucket), key);
    if (snsTopicArn !== undefined) topic.check(checkedTopic(snsTopicArn));
    const { Text: _, ...shown } = speechInputSchema.parse(input);
    const task: Task = {
      id,
      status: 'scheduled',
      creationMs: nowMs(),
      order,
      input: shown,
      output: { bucket, key, uri: `https://s3.${region}.amazonaws.com/${bucket}/${key}` },
      ...(snsTopicArn !== undefined && { snsTopicArn }),
    };
    await board.add(task);
    const paid = { characters: order.billedCharacters, sound: order.sound };
    return { kind: 'json', body: { SynthesisTask: describeTask(task) }, paid };
  };

  const get: Operation = ({ route }) => {
    if (!TASK_ID.test(route.name))
      throw new ApiError('InvalidTaskIdException', 'The provided Task ID is not valid');
    const task = board.get(route.name);
    if (!task) throw new ApiError('SynthesisTaskNotFoundException', `No task has the id ${route.name}`);
    return { kind: 'json', body: { SynthesisTask: describeTask(task) } };
  };

  const list: Operation = ({ route }) => {
    const { MaxResults, NextToken, Status } = parseInput(listSchema, Object.fromEntries(route.query));
    const { items, nextToken } = pageOf(board.list(Status), taskSortKey, MaxResults, NextToken);
    return {
      kind: 'json',
      body: { SynthesisTasks: items.map(describeTask), ...(nextToken && { NextToken: nextToken }) },
    };
  };
  return { StartSpeechSynthesisTask: start, GetSpeechSynthesisTask: get, ListSpeechSynthesisTasks: list };
}

function checkedBucket(bucket: string): string {
  if (BUCKET.test(bucket)) return bucket;
  throw new ApiError('InvalidS3BucketException', `The provided Amazon S3 bucket name is invalid: ${bucket}`);
}

function checkedPrefix(prefix: string | undefined): string | undefined {
  if (prefix === undefined || LIMITS.keyPrefix.test(prefix)) return prefix;
  throw new ApiError(
    'InvalidS3KeyException',
    `The provided Amazon S3 key prefix is invalid: ${prefix.slice(0, 100)}`,
  );
}

function checkedTopic(arn: string): string {
  if (TOPIC_ARN.test(arn)) return arn;
  throw new ApiError(
    'InvalidSnsTopicArnException',
    `The provided SNS topic ARN is invalid: ${arn.slice(0, 100)}`,
  );
}
