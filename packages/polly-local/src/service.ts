/** The composition root of the engine: threads, stores, operations, and the server. */
import { join } from 'node:path';
import { quotasFor } from '@setlist/polly';
import type { Logger, ServiceContext } from '@setlist/runtime';
import { createCallStats } from './call-stats.ts';
import type { PollyLocalConfig } from './config.ts';
import { instantSynthesize } from './engine/instant.ts';
import type { Synthesize } from './engine/speech-request.ts';
import { startSpeechThreads } from './engine/speech-threads.ts';
import { createFaults, type FaultSettings } from './faults.ts';
import { openLexiconStore } from './lexicons/lexicon-store.ts';
import { describeVoices } from './operations/describe-voices.ts';
import { lexiconOperations } from './operations/lexicons.ts';
import { synthesizeSpeech } from './operations/synthesize-speech.ts';
import { taskOperations } from './operations/tasks.ts';
import { createQuotaGate, quotaTable } from './quotas.ts';
import { folderStore, forgetfulStore } from './storage/document-store.ts';
import { writeWhole } from './storage/whole-file.ts';
import { type AudioSink, folderAudioSink, noAudioSink } from './tasks/audio-sink.ts';
import { type CompletionTopic, noCompletionTopic } from './tasks/completion-topic.ts';
import { openTaskBoard } from './tasks/task-board.ts';
import { sendJson } from './wire/answer.ts';
import { type Handler, listenHttp1And2 } from './wire/http1-and-2.ts';
import { pageFault } from './wire/own-callers.ts';
import { localHandler } from './wire/serve-local.ts';
import { pollyHandler } from './wire/serve-polly.ts';

type Stack = ServiceContext['stack'];

export type PollyLocal = {
  /** The endpoint for SDK clients. */
  readonly url: string;
  readonly port: number;
};

/**
 * Starts the engine; all its resources are pushed to `stack` and end with it.
 * @throws the error of `listen`, or of a state folder that can't be read.
 */
export async function startPollyLocal(
  config: PollyLocalConfig,
  logger: Logger,
  stack: Stack,
): Promise<PollyLocal> {
  const nowMs = Date.now;
  const say = await speechOf(config, stack);
  const [sink, topic] = await Promise.all([sinkOf(config, stack), topicOf(config, stack)]);
  const lexicons = await openLexiconStore(documents(config, 'lexicons'), nowMs);
  const board = stack.use(
    await openTaskBoard({
      documents: documents(config, 'tasks'),
      synthesize: say.task,
      sink,
      topic,
      // One thread stays free for phrases if there is more than one.
      concurrency: Math.max(1, config.WORKERS - 1),
      logger,
      nowMs,
    }),
  );
  const stats = createCallStats(nowMs);
  const faults = createFaults(faultSettings(config));
  const servePolly = pollyHandler({
    operations: {
      SynthesizeSpeech: synthesizeSpeech(lexicons, say.phrase),
      DescribeVoices: describeVoices,
      ...lexiconOperations(lexicons, config.AWS_REGION),
      ...taskOperations({ board, lexicons, sink, topic, region: config.AWS_REGION, nowMs }),
    },
    gate: createQuotaGate(quotaTable(quotasFor(config.QUOTAS, 'local')), () => performance.now()),
    faults,
    stats,
    logger,
  });
  const either = eitherOf(localHandler(stats, faults), servePolly, logger);
  const serve = ownCallersOnly(config.LISTEN_HOST, either);
  const server = stack.use(await listenHttp1And2(config.LISTEN_HOST, config.LISTEN_PORT, serve));
  if (config.PORT_FILE !== undefined) await writeWhole(config.PORT_FILE, `${server.port}\n`);
  logger.info(
    { event: 'listening', url: server.url, port: server.port, engine: config.ENGINE },
    `listening on ${server.url}`,
  );
  return { url: server.url, port: server.port };
}

function ownCallersOnly(listensOn: string, serve: Handler): Handler {
  return async (request, response) => {
    const message = pageFault(request, listensOn);
    if (message === undefined) await serve(request, response);
    else await sendJson(response, 403, { message });
  };
}

/** Breaks off a reply that can't be written further. */
function eitherOf(
  local: ReturnType<typeof localHandler>,
  polly: ReturnType<typeof pollyHandler>,
  logger: Logger,
): Handler {
  return async (request, response) => {
    try {
      if (!(await local(request, response))) await polly(request, response);
    } catch (error) {
      logger.error({ err: error }, 'a reply could not be written');
      response.destroy();
    }
  };
}

function faultSettings(config: PollyLocalConfig): FaultSettings {
  return {
    throttle: config.FAULT_THROTTLE,
    serverError: config.FAULT_5XX,
    cut: config.FAULT_CUT,
    latencyMs: config.FAULT_LATENCY_MS,
    seed: config.FAULT_SEED,
  };
}

async function speechOf(
  config: PollyLocalConfig,
  stack: Stack,
): Promise<Record<'phrase' | 'task', Synthesize>> {
  if (config.ENGINE === 'instant') {
    const synthesize = instantSynthesize();
    return { phrase: synthesize, task: synthesize };
  }
  const threads = stack.use(await startSpeechThreads(config.WORKERS));
  return {
    phrase: (request, signal) => threads.synthesize(request, 'phrase', signal),
    task: (request, signal) => threads.synthesize(request, 'task', signal),
  };
}

async function sinkOf(
  { TASK_OUTPUT_DIR, S3_ENDPOINT, AWS_REGION }: PollyLocalConfig,
  stack: Stack,
): Promise<AudioSink> {
  if (TASK_OUTPUT_DIR !== undefined) return folderAudioSink(TASK_OUTPUT_DIR);
  if (S3_ENDPOINT === undefined) return noAudioSink;
  const { s3AudioSink } = await import('./tasks/s3-audio-sink.ts');
  return stack.use(s3AudioSink({ url: S3_ENDPOINT, region: AWS_REGION }));
}

async function topicOf(
  { SNS_ENDPOINT, AWS_REGION }: PollyLocalConfig,
  stack: Stack,
): Promise<CompletionTopic> {
  if (SNS_ENDPOINT === undefined) return noCompletionTopic;
  const { snsCompletionTopic } = await import('./tasks/sns-completion-topic.ts');
  return stack.use(snsCompletionTopic({ url: SNS_ENDPOINT, region: AWS_REGION }));
}

function documents<T>({ STATE_DIR }: PollyLocalConfig, kind: string) {
  return STATE_DIR === undefined ? forgetfulStore<T>() : folderStore<T>(join(STATE_DIR, kind));
}
