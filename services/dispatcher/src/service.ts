/** Puts the dispatcher together: the broker, the stores, the providers, their gates, and the lanes of open sets. */
import { randomUUID } from 'node:crypto';
import { AUDIO_PREFIX, lexiconsSubject, type Provider } from '@setlist/contracts';
import { type EventLog, openLogFor } from '@setlist/eventlog';
import { quotasFor } from '@setlist/polly';
import { type Logger, observe, type Running, type ServiceContext } from '@setlist/runtime';
import { type ObjectStore, openStore, storeOptionsOf, storesByUri } from '@setlist/storage';
import { CallTrouble } from './adapters/call-trouble.ts';
import { pollySpeech, type SpeechProvider } from './adapters/polly-speech.ts';
import type { DispatcherConfig } from './config.ts';
import { Pace } from './domain/pace.ts';
import { SharedFiles } from './files/shared-files.ts';
import { Breakdown } from './lanes/breakdown.ts';
import { laneLag } from './lanes/lane-lag.ts';
import { OpenSets } from './lanes/open-sets.ts';
import { LaneRunner } from './lanes/runner.ts';
import { SoundLedger } from './ledger/sound-ledger.ts';
import { answerLexicons } from './lexicons/answer.ts';
import { Lexicons } from './lexicons/lexicons.ts';
import { type Gate, type GateOf, localGate, sharedGate } from './quota/gate.ts';
import { lookUpsOf } from './quota/look-ups.ts';
import { measuredGate } from './quota/measured-gate.ts';
import type { SettleDeps } from './settle/deps.ts';
import { FailedItems } from './settle/failed-items.ts';
import { storeLines } from './settle/store-line.ts';
import { listenForTasks } from './sns/listen-for-tasks.ts';
import { AMAZON, type SnsTrust } from './sns/trust.ts';
import { untilUsable } from './store-at-start.ts';
import { taskStore } from './tasks/task-store.ts';
import { Tasks } from './tasks/tasks.ts';

export interface DispatcherDeps {
  readonly log: EventLog;
  readonly logger: Logger;
  /** Which SNS is trusted: Amazon's, unless a test brings its own server. */
  readonly snsTrust?: SnsTrust;
}

export interface Dispatcher {
  /** Dispatches until aborted. Resolves when drained; rejects with a failure it can't continue after. Call it once. */
  run(signal: AbortSignal): Promise<void>;
  /** Throws where the canonical store can't be used. */
  checkStore(): Promise<void>;
}

/** The dependencies, with the store, the providers, and the signal to drain. */
interface Parts extends DispatcherDeps {
  readonly store: ObjectStore;
  readonly providers: ReadonlyMap<Provider, SpeechProvider>;
  readonly signal: AbortSignal;
}

/** Per provider, what the dispatcher needs in addition to calls. */
interface ByProvider {
  readonly lexicons: ReadonlyMap<Provider, Lexicons>;
  readonly tasks: ReadonlyMap<Provider, Tasks>;
}

/** How many items of one set and lane all replicas together can have taken and not finished. */
const MAX_UNFINISHED = 5_000;

/** Any number of replicas can run. */
export function createDispatcher(config: DispatcherConfig, deps: DispatcherDeps): Dispatcher {
  const store = openStore(config.STORE, storeOptionsOf(config));
  const providers = providersOf(config, deps.logger);
  return {
    run: (signal) => dispatch(config, { ...deps, store, providers, signal }),
    checkStore: () => store.check(AUDIO_PREFIX),
  };
}

async function dispatch(config: DispatcherConfig, given: Parts): Promise<void> {
  const breakdown = new Breakdown(given.logger);
  const parts = { ...given, signal: AbortSignal.any([given.signal, breakdown.signal]) };
  const { log, providers, signal } = parts;
  const lexicons = lexiconsOf(config, parts);
  const tasks = tasksOf(config, parts);
  const settling = settlingOf(config, parts, { lexicons, tasks });
  const answering = [...lexicons].map(([provider, known]) =>
    log.answer(
      lexiconsSubject(provider),
      (question) => answerLexicons(question, known),
      (error) => settling.logger.warn({ err: error }, 'a question about lexicons could not be answered'),
    ),
  );
  const silence = () => Promise.all(answering.map((each) => each[Symbol.asyncDispose]()));
  // While this replica drains, others answer. A failure to unsubscribe is thrown at the end.
  signal.addEventListener('abort', () => void silence().catch(() => undefined), { once: true });
  const news = listenForTasks(config, {
    tasks: tasks.values(),
    trust: parts.snsTrust ?? AMAZON,
    now: () => log.clock.now(),
    logger: settling.logger,
    draining: signal,
  });
  const lag = observe('laneLag', () => laneLag(log));
  try {
    const lanes = runLanes(config, settling, breakdown);
    const work = [lanes, news.catch(breakdown.fail), breakdown.failIfEndLost(log, signal)];
    await breakdown.endsWithin(config.DRAIN_TIMEOUT, Promise.all(work));
  } finally {
    await (await news.catch(() => undefined))?.[Symbol.asyncDispose]();
    await silence();
    lag[Symbol.dispose]();
    for (const provider of providers.values()) provider.close();
  }
}

function settlingOf(
  config: DispatcherConfig,
  { log, logger, store, providers, signal }: Parts,
  { lexicons, tasks }: ByProvider,
): SettleDeps {
  const replica = `dispatcher-${randomUUID().slice(0, 8)}`;
  const places = { log, logger: logger.child({ replica }), store };
  const ledger = new SoundLedger(log, replica, signal);
  const outputOf = storesByUri(storeOptionsOf(config), [store]);
  return {
    ...places,
    ledger,
    outputOf,
    failedItems: new FailedItems(places.logger),
    lineOf: storeLines(places.logger),
    files: new SharedFiles({ ...places, ledger, outputOf }),
    serves: (provider) => providers.has(provider),
    providerOf: (provider) => servedIn(providers, provider),
    lexiconsOf: (provider) => servedIn(lexicons, provider),
    tasksOf: (provider) => tasks.get(provider),
    limits: { callTimeoutMs: config.CALL_TIMEOUT, retryForMs: config.RETRY_FOR },
    draining: signal,
  };
}

function servedIn<T>(all: ReadonlyMap<Provider, T>, provider: Provider): T {
  const served = all.get(provider);
  if (served === undefined) throw new Error(`the provider ${provider} is not served here`);
  return served;
}

/** Creates each runner with the first set that needs it; runners live until the service drains. */
async function runLanes(
  config: DispatcherConfig,
  settling: SettleDeps,
  { fail }: Pick<Breakdown, 'fail'>,
): Promise<void> {
  const runners = new Map<string, Promise<LaneRunner>>();
  const paces = new Map<string, Pace>();
  const underWay: Promise<void>[] = [];
  const start = async (of: GateOf): Promise<LaneRunner> => {
    const { provider, engine, operation } = of;
    const lane = `${provider}.${engine}`;
    const pace = paces.get(lane) ?? new Pace(quotasFor(config.QUOTAS, provider)?.[engine].synthesize.rps);
    paces.set(lane, pace);
    const gate = await gateOf(config, settling.log, of);
    const runner = new LaneRunner(settling, { gate, operation, pace, fail });
    underWay.push(runner.run().catch(fail));
    return runner;
  };
  const runnerOf = (of: GateOf): Promise<LaneRunner> => {
    const name = `${of.provider}.${of.engine}.${of.operation}`;
    const runner = runners.get(name) ?? start(of);
    runners.set(name, runner);
    return runner;
  };
  const sets = new OpenSets(settling, {
    ackWaitMs: config.ACK_WAIT,
    ahead: config.AHEAD,
    maxUnfinished: MAX_UNFINISHED,
    compareEveryMs: config.COMPARE_EVERY,
    fail,
    runnersOf: async ({ provider }, engine) => ({
      synthesize: await runnerOf({ provider, engine, operation: 'synthesize' }),
      task: await runnerOf({ provider, engine, operation: 'task' }),
    }),
  });
  await sets.run();
  await Promise.all(underWay);
}

/** The gate for one operation of one engine: shared by all replicas where a quota applies. */
async function gateOf(config: DispatcherConfig, log: EventLog, of: GateOf): Promise<Gate> {
  const quota = quotasFor(config.QUOTAS, of.provider)?.[of.engine][of.operation];
  const gate = quota ? await sharedGate(log, of, quota) : localGate(config.CONCURRENCY);
  return measuredGate(gate, of, quota);
}

function providersOf(config: DispatcherConfig, logger: Logger): Map<Provider, SpeechProvider> {
  const trouble = new CallTrouble(logger, config.RETRY_FOR);
  const { POLLY_REGION: region, CALL_TIMEOUT: callTimeoutMs } = config;
  const common = { region, callTimeoutMs, trouble };
  const local = { ...common, endpoint: config.POLLY_LOCAL_URL };
  return new Map(
    config.PROVIDERS.map(
      (provider) => [provider, pollySpeech(provider === 'local' ? local : common)] as const,
    ),
  );
}

const lexiconsOf = ({ QUOTAS }: DispatcherConfig, parts: Parts): ByProvider['lexicons'] =>
  new Map(
    [...parts.providers].map(([name, speech]) => {
      const lookUps = lookUpsOf(parts, { provider: name, what: 'lexicons' }, quotasFor(QUOTAS, name));
      const { logger, signal: draining } = parts;
      return [name, new Lexicons({ provider: name, speech, lookUps, logger, draining })] as const;
    }),
  );

/** Tasks need a bucket; without one, ingest refuses long texts. */
function tasksOf(config: DispatcherConfig, parts: Parts): ByProvider['tasks'] {
  const tasks = new Map<Provider, Tasks>();
  const { TASK_BUCKET: bucket } = config;
  if (bucket === undefined) return tasks;
  for (const [name, provider] of parts.providers) {
    tasks.set(
      name,
      new Tasks({
        provider,
        lookUps: lookUpsOf(parts, { provider: name, what: 'poll' }, quotasFor(config.QUOTAS, name)),
        bucket,
        store: taskStore({ ...config, TASK_BUCKET: bucket }, name),
        prefixRoot: config.TASK_PREFIX,
        ...(config.TASK_TOPIC === undefined ? {} : { topicArn: config.TASK_TOPIC }),
        pollEveryMs: config.TASK_POLL_EVERY,
        draining: parts.signal,
        onPollFailed: (error) =>
          parts.logger.warn({ err: error }, 'tasks can’t be listed; retrying until they can'),
      }),
    );
  }
  return tasks;
}

/** The service as `runService` starts it. */
export async function startDispatcher(config: DispatcherConfig, context: ServiceContext): Promise<Running> {
  const { logger, signal, stack, health } = context;
  const log = stack.use(await openLogFor(config, 'setlist-dispatcher', context));
  const dispatcher = createDispatcher(config, { log, logger });
  health.addCheck('broker', () => log.check());
  health.addCheck('store', () => dispatcher.checkStore());
  await untilUsable(() => dispatcher.checkStore(), { logger, signal });
  return { done: dispatcher.run(signal) };
}
