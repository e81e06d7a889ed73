/** Calls Amazon Polly, or the local engine with the same API, through the AWS SDK. Nothing else calls Amazon Polly. */
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  GetLexiconCommand,
  GetSpeechSynthesisTaskCommand,
  LexiconNotFoundException,
  ListSpeechSynthesisTasksCommand,
  type ListSpeechSynthesisTasksCommandOutput,
  type PollyClient,
  StartSpeechSynthesisTaskCommand,
  type SynthesisTask,
  SynthesizeSpeechCommand,
  type SynthesizeSpeechCommandOutput,
  type SynthesizeSpeechInput,
} from '@aws-sdk/client-polly';
import type { Sound } from '@setlist/contracts';
import { FORMATS, LIMITS } from '@setlist/polly';
import type { Page } from '../quota/look-ups.ts';
import type { CallTrouble } from './call-trouble.ts';
import { Credentials } from './credentials.ts';
import { CallFailed, providerFailure } from './failures.ts';
import { type CallOf, measuredCall } from './measured-call.ts';
import { type PollyClientOptions, pollyClient } from './polly-client.ts';

/** A complete answer with audio. */
interface Speech {
  readonly audio: Uint8Array;
  readonly billedCharacters?: number;
  readonly requestId?: string;
}

/** A task as the provider lists it. */
export interface SpeechTask {
  readonly taskId: string;
  readonly status: 'scheduled' | 'inProgress' | 'completed' | 'failed';
  readonly statusReason?: string;
  readonly outputUri: string;
  readonly billedCharacters?: number;
}

/** Where a task writes, and the topic that is notified when it ends. */
interface TaskOutput {
  readonly bucket: string;
  readonly keyPrefix: string;
  readonly topicArn?: string;
}

/** A lexicon as the provider has it. */
export interface Lexicon {
  /** Of its content, in hex. */
  readonly sha256: string;
  /** How long ago it was uploaded, in ms, by the provider's clock as far as that is known. */
  readonly ageMs: number;
}

/** What the dispatcher needs from a provider. Every failure, even an incomplete answer, is a {@link CallFailed}. */
export interface SpeechProvider {
  synthesize(sound: Sound): Promise<Speech>;
  startTask(sound: Sound, output: TaskOutput): Promise<SpeechTask>;
  /** The current status of one task. */
  task(taskId: string): Promise<SpeechTask>;
  /** A page of all tasks that the provider still knows: the first, or the one that begins at `start`. */
  listTasks(start?: string): Promise<Page<SpeechTask>>;
  /** Undefined if there is no lexicon of that name. */
  lexicon(name: string): Promise<Lexicon | undefined>;
  close(): void;
}

export interface PollySpeechOptions extends PollyClientOptions {
  /** Logs that calls fail. */
  readonly trouble?: CallTrouble;
}

function inputOf(sound: Sound): SynthesizeSpeechInput {
  return {
    Engine: sound.engine,
    VoiceId: sound.voice as SynthesizeSpeechInput['VoiceId'],
    OutputFormat: sound.format,
    TextType: sound.textType,
    Text: sound.text,
    ...(sound.format === 'json' ? {} : { SampleRate: String(sound.sampleRate) }),
    ...(sound.language === undefined
      ? {}
      : { LanguageCode: sound.language as NonNullable<SynthesizeSpeechInput['LanguageCode']> }),
    ...(sound.lexicons.length === 0 ? {} : { LexiconNames: sound.lexicons.map((lexicon) => lexicon.name) }),
    ...(sound.speechMarks.length === 0 ? {} : { SpeechMarkTypes: sound.speechMarks }),
  };
}

export function pollySpeech(options: PollySpeechOptions): SpeechProvider {
  const client = pollyClient(options);
  const credentials = new Credentials(() => client.config.credentials());
  const provider = options.endpoint === undefined ? 'polly' : 'local';
  const of = (method: string, sound?: Sound): CallOf => ({
    ...{ provider, method, timeoutMs: options.callTimeoutMs, trouble: options.trouble, credentials },
    ...(sound && { lane: sound.engine }),
  });
  return {
    synthesize: (sound) =>
      measuredCall({ ...of('SynthesizeSpeech', sound), mayBeBilled: true }, async (abortSignal, heard) => {
        const command = new SynthesizeSpeechCommand(inputOf(sound));
        return wholeSpeech(await client.send(command, { abortSignal }), sound, heard);
      }),

    async startTask(sound, { bucket, keyPrefix, topicArn }) {
      const input = {
        ...inputOf(sound),
        OutputS3BucketName: bucket,
        OutputS3KeyPrefix: keyPrefix,
        ...(topicArn === undefined ? {} : { SnsTopicArn: topicArn }),
      };
      return measuredCall(of('StartSpeechSynthesisTask', sound), async (abortSignal) =>
        taskIn(await client.send(new StartSpeechSynthesisTaskCommand(input), { abortSignal })),
      );
    },

    task: (taskId) =>
      measuredCall(of('GetSpeechSynthesisTask'), async (abortSignal) =>
        taskIn(await client.send(new GetSpeechSynthesisTaskCommand({ TaskId: taskId }), { abortSignal })),
      ),

    listTasks: (start) =>
      measuredCall(of('ListSpeechSynthesisTasks'), async (abortSignal) => {
        const asked = {
          MaxResults: LIMITS.tasksPerPage,
          ...(start === undefined ? {} : { NextToken: start }),
        };
        return pageIn(await client.send(new ListSpeechSynthesisTasksCommand(asked), { abortSignal }));
      }),

    lexicon: (name) => measuredCall(of('GetLexicon'), (abortSignal) => lexiconOf(client, name, abortSignal)),

    close: () => client.destroy(),
  };
}

function pageIn({
  SynthesisTasks,
  NextToken: next,
}: ListSpeechSynthesisTasksCommandOutput): Page<SpeechTask> {
  const entries = (SynthesisTasks ?? []).flatMap((entry) => taskOf(entry) ?? []);
  return { entries, ...(next === undefined ? {} : { next }) };
}

async function lexiconOf(client: PollyClient, name: string, abortSignal: AbortSignal) {
  try {
    const reply = await client.send(new GetLexiconCommand({ Name: name }), { abortSignal });
    const uploadedAt = reply.LexiconAttributes?.LastModified?.getTime() ?? Number.NEGATIVE_INFINITY;
    const ageMs = Date.now() + client.config.systemClockOffset - uploadedAt;
    return { sha256: hash('sha256', reply.Lexicon?.Content ?? ''), ageMs };
  } catch (error) {
    if (error instanceof LexiconNotFoundException) return undefined;
    throw error;
  }
}

/**
 * The complete reply with its audio; a reply that breaks off while it is read has been billed. The content type tells
 * speech from a proxy's page, since that can have status 200 and PCM can be any bytes. A reply of another type that
 * counts characters is still the provider's, and billed.
 */
async function wholeSpeech(
  reply: SynthesizeSpeechCommandOutput,
  sound: Sound,
  heard: () => void,
): Promise<Speech> {
  const { AudioStream: stream, ContentType: type, RequestCharacters: billedCharacters } = reply;
  const { requestId } = reply.$metadata;
  const billed = billedCharacters === undefined ? {} : { billedCharacters };
  const isSpeech =
    sound.format === 'json' ? type?.startsWith(FORMATS.json.contentType) : type?.startsWith('audio/');
  if (!isSpeech) {
    if (stream instanceof Readable) stream.destroy();
    throw new CallFailed({
      from: 'network',
      code: 'unreadable-reply',
      message: `a reply of type ${type ?? '?'} instead of speech`,
      begun: billedCharacters !== undefined,
      ...billed,
    });
  }
  try {
    const parts: Uint8Array[] = [];
    heard();
    for await (const part of stream instanceof Readable ? stream : []) {
      heard();
      parts.push(part);
    }
    return { audio: Buffer.concat(parts), ...billed, ...(requestId === undefined ? {} : { requestId }) };
  } catch (error) {
    throw new CallFailed({ ...providerFailure(error, { replyBegan: true }), ...billed }, error);
  }
}

function taskIn({ SynthesisTask: described }: { SynthesisTask?: SynthesisTask | undefined }): SpeechTask {
  const task = described && taskOf(described);
  if (task) return task;
  throw new CallFailed({ from: 'network', code: 'unreadable-reply', message: 'a reply without a task' });
}

function taskOf(task: SynthesisTask): SpeechTask | undefined {
  const { TaskId, TaskStatus, TaskStatusReason, OutputUri, RequestCharacters } = task;
  if (TaskId === undefined || TaskStatus === undefined || OutputUri === undefined) return undefined;
  return {
    taskId: TaskId,
    status: TaskStatus,
    outputUri: OutputUri,
    ...(TaskStatusReason === undefined ? {} : { statusReason: TaskStatusReason }),
    ...(RequestCharacters === undefined ? {} : { billedCharacters: RequestCharacters }),
  };
}
