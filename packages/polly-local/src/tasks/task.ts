/** A speech synthesis task: its stored form, and its form in the API. */
import { FORMATS } from '@setlist/polly';
import type { SpeechInput, SpeechOrder } from '../operations/speech-input.ts';

/** scheduled → inProgress → completed | failed; a restart puts tasks in progress back to scheduled. */
export type TaskStatus = 'scheduled' | 'inProgress' | 'completed' | 'failed';
export const TASK_STATUSES = [
  'scheduled',
  'inProgress',
  'completed',
  'failed',
] as const satisfies readonly TaskStatus[];

export type Task = {
  /** A UUID. */
  readonly id: string;
  readonly status: TaskStatus;
  /** Why it failed. */
  readonly statusReason?: string;
  readonly creationMs: number;
  readonly order: SpeechOrder;
  /** The caller's input, shown unchanged. */
  readonly input: Omit<SpeechInput, 'Text'>;
  readonly output: { readonly bucket: string; readonly key: string; readonly uri: string };
  readonly snsTopicArn?: string;
  /** It has ended, but its topic hasn't been notified. */
  readonly noticePending?: true;
};

/** `<prefix>.<id>.<extension>`; the extension of speech marks is `marks`. */
export function outputKey(
  prefix: string | undefined,
  id: string,
  format: SpeechInput['OutputFormat'],
): string {
  const name = `${id}.${format === 'json' ? 'marks' : FORMATS[format].extension}`;
  return prefix ? `${prefix}.${name}` : name;
}

/** The key by which lists of tasks are sorted and paged, newest first. */
export function taskSortKey({ creationMs, id }: Task): string {
  return `${String(1e15 - creationMs).padStart(16, '0')} ${id}`;
}

/** A task as GetSpeechSynthesisTask shows it; times are seconds since 1970. */
export function describeTask({ input, output, order, ...task }: Task) {
  return {
    Engine: input.Engine,
    TaskId: task.id,
    TaskStatus: task.status,
    ...(task.statusReason && { TaskStatusReason: task.statusReason }),
    OutputUri: output.uri,
    CreationTime: task.creationMs / 1000,
    RequestCharacters: order.billedCharacters,
    ...(task.snsTopicArn && { SnsTopicArn: task.snsTopicArn }),
    LexiconNames: input.LexiconNames,
    OutputFormat: input.OutputFormat,
    ...(input.SampleRate && { SampleRate: input.SampleRate }),
    SpeechMarkTypes: input.SpeechMarkTypes,
    TextType: input.TextType,
    VoiceId: input.VoiceId,
    ...(input.LanguageCode && { LanguageCode: input.LanguageCode }),
  };
}

/** The message to its SNS topic, whose spellings differ from the API's, as samples of Polly's messages show. */
export function completionNotice({ input, output, order, ...task }: Task) {
  return {
    taskId: task.id,
    taskStatus: task.status.toUpperCase(),
    ...(task.statusReason && { taskStatusReason: task.statusReason }),
    outputUri: `s3://${output.bucket}/${output.key}`,
    creationTime: new Date(task.creationMs).toISOString(),
    requestCharacters: order.billedCharacters,
    snsTopicArn: task.snsTopicArn,
    outputFormat: camelCase(input.OutputFormat),
    textType: camelCase(input.TextType),
    voiceId: input.VoiceId,
  };
}

/** `ogg_vorbis` → `OggVorbis` */
const camelCase = (words: string) =>
  words
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
