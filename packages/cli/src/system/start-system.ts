/** The whole system in one process, with the broker and the local engine as its children. */
import { join } from 'node:path';
import { type Drop, doorOf, inboxPlaces } from '@setlist/admission';
import { type Broker, startBroker } from '@setlist/broker';
import type { SetSummary } from '@setlist/contracts';
import { missingCredentials } from '@setlist/dispatcher';
import type { EventLog } from '@setlist/eventlog';
import { usableChannels } from '@setlist/notifier';
import { type Environment, sleep, unlessAborted, watchProcess } from '@setlist/runtime';
import { HOW_TO_GIVE_CREDENTIALS } from '../checks/outside.ts';
import { missing } from '../failure.ts';
import { type Engine, startEngine } from './children/engine.ts';
import { type Kept, keepRunning } from './children/keep-running.ts';
import { type StartedConsole, startConsole } from './console.ts';
import type { DataFolder } from './folder/data-folder.ts';
import type { Lock } from './folder/lock.ts';
import { writeNote } from './folder/system-note.ts';
import { takeFolder } from './folder/take-folder.ts';
import { openUnlessStopped } from './open-log.ts';
import { openServiceLog } from './service-log.ts';
import { type SystemOptions, serviceSettings } from './service-settings.ts';
import { type Services, startServices } from './services.ts';

/** How long, in ms, work may continue once the broker is gone for good: audio of calls in flight is still stored. */
const WITHOUT_BROKER_MS = 5_000;

const NOWHERE = 'nats://127.0.0.1:4222';

export interface SystemSurroundings {
  readonly data: DataFolder;
  readonly env: Environment;
  /** The command that runs the system, named to others that find the folder locked. */
  readonly command: string;
  /** Ends the wait for the folder, the start of the services, and the wait for a broker that is away. */
  readonly signal: AbortSignal;
  /** Whether the system runs until stopped. */
  readonly stays: boolean;
  /** Receives a sentence that the user should read. */
  readonly tell: (message: string) => void;
}

/** Disposing of it drains it: calls in flight end, and the rest resumes at the next start. */
export interface System extends AsyncDisposable {
  readonly log: EventLog;
  readonly logFile: string;
  /** As {@link Services.begunAfter}. */
  readonly begunAfter: number;
  /** As {@link Services.unfinished}. */
  readonly unfinished: readonly SetSummary[];
  /** The AWS region of Polly; missing with the local engine. */
  readonly region?: string;
  /** The console's address, if there is a console. */
  readonly consoleUrl?: string;
  /** Rejects when a part of the system fails. */
  readonly failed: Promise<never>;
  /** As {@link Services.drain}; the tracker keeps folding. */
  drain(): Promise<void>;
}

/**
 * Starts everything on a data folder, which stays locked while the system runs.
 * @throws CommandFailed, BrokerNotFound, BrokerNotStarted, Faults, StoreError
 */
export async function startSystem(options: SystemOptions, surroundings: SystemSurroundings): Promise<System> {
  const { data, env, command, signal, stays, tell } = surroundings;
  // Report faults in the settings before anything starts.
  const { notifier } = serviceSettings(options, data, { broker: NOWHERE, engine: undefined }, env);
  usableChannels(notifier, env);
  await requireCredentials(options, env);
  await using stack = new AsyncDisposableStack();
  const lock = stack.use(await takeFolder(data, { command, tell, signal }));
  const serviceLog = stack.use(openServiceLog(data.logs, tell));
  const watched = await watchProcess('setlist', env, serviceLog.logger('telemetry')).catch(notShown);
  if (watched) stack.use(watched);
  if (watched?.metricsUrl) tell(`metrics for Prometheus are at ${watched.metricsUrl}`);
  const { broker, engine, brokerFailed, ...children } = await startChildren(options, surroundings, stack);
  const inVain = brokerFailed.catch(() => sleep(WITHOUT_BROKER_MS));
  const settings = serviceSettings(options, data, { broker: broker.url, engine: engine?.url }, env);
  // Abort the start when the broker is gone for good: the services would retry it forever.
  const starting = AbortSignal.any([signal, whereItFails(children.failed)]);
  const consoleUrl = Promise.withResolvers<string | undefined>();
  const services: Services = stack.use(
    await startServices(settings, broker.url, {
      inbox: data.inbox,
      onTakenBack: (drops) => tell(takenBackWords(drops)),
      serviceLog,
      env,
      consoleUrl: consoleUrl.promise,
      inVain,
      signal: starting,
    }),
  );
  const [inbox = data.inbox] = inboxPlaces(options.inboxes).folders;
  const { compat } = options;
  stack.use(writeNote(data, { ...doorOf(settings.ingest), broker: broker.url, inbox, compat, stays }));
  const parts = {
    log: services.log,
    logger: serviceLog.logger('console'),
    tell,
    portIsFixed: options.console?.port !== undefined || Boolean(env.CONSOLE_PORT),
    inVain,
  };
  const { console: shown } = settings;
  const console = stack.use(shown && (await openUnlessStopped(startConsole(shown, parts), starting)));
  // A system that ends with its sets takes its console along: no message links to it.
  consoleUrl.resolve(stays ? console?.url : undefined);
  const held = stack.move();
  const failed = Promise.race([untilLost(lock), children.failed, services.failed, untilEnded(console)]);
  failed.catch(() => undefined);
  return {
    ...services,
    logFile: serviceLog.file,
    ...(options.provider === 'polly' && { region: settings.dispatcher.POLLY_REGION }),
    ...(console && { consoleUrl: console.url }),
    failed,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

const takenBackWords = (drops: readonly Drop[]): string =>
  `An earlier "setlist run" ended before it had begun ${drops.map(({ fileName }) => fileName).join(', ')}: to make them, name them again.`;

/** Checks credentials before any file is placed, since a set accepted without them would fail, or wait, item by item. */
async function requireCredentials({ provider, region }: SystemOptions, env: Environment): Promise<void> {
  if (provider !== 'polly') return;
  const reason = await missingCredentials(region ?? env.POLLY_REGION ?? env.AWS_REGION);
  if (reason === undefined) return;
  throw missing(
    `there are no credentials for Amazon Polly: ${reason}`,
    `Provide them with ${HOW_TO_GIVE_CREDENTIALS}; "setlist doctor" shows what it finds. Nothing was started.`,
  );
}

function notShown(error: unknown): never {
  if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) throw error;
  throw missing(
    `metrics can't be served to Prometheus: ${error.message}`,
    'Choose another address with OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT; 0 takes any free port.',
  );
}

/** A signal that aborts when the promise rejects, with the same reason. */
function whereItFails(failed: Promise<never>): AbortSignal {
  const failing = new AbortController();
  failed.catch((error) => failing.abort(error));
  return failing.signal;
}

const untilLost = ({ lost }: Lock): Promise<never> =>
  unlessAborted(new Promise<never>(() => undefined), lost);

/** Rejects when the console fails; never settles if it ends in order, or there is none. */
const untilEnded = (console: StartedConsole | undefined): Promise<never> =>
  Promise.resolve(console?.done).then(() => new Promise<never>(() => undefined));

interface Children {
  readonly broker: Broker;
  /** Undefined if Polly makes the audio and no console needs the engine for previews. */
  readonly engine: Engine | undefined;
  readonly brokerFailed: Promise<never>;
  /** Rejects when the broker fails, or an engine that makes the audio. */
  readonly failed: Promise<never>;
}

/** Starts both at once, since each takes a while; if only one comes up, it is still on the stack. */
async function startChildren(
  options: SystemOptions,
  surroundings: SystemSurroundings,
  stack: AsyncDisposableStack,
): Promise<Children> {
  const [broker, engine] = await Promise.allSettled([
    keptBroker(options, surroundings).then(({ broker, kept }) => ({
      broker,
      failed: stack.use(kept).failed,
    })),
    keptEngine(options, surroundings).then(
      (started) => started && { engine: started.engine, failed: stack.use(started.kept).failed },
    ),
  ]);
  if (broker.status === 'rejected') throw broker.reason;
  if (engine.status === 'rejected') throw engine.reason;
  const brokerFailed = broker.value.failed;
  const isNeeded = options.provider === 'local';
  if (!isNeeded) engine.value?.failed.catch((error) => surroundings.tell(unheard(error)));
  return {
    broker: broker.value.broker,
    engine: engine.value?.engine,
    brokerFailed,
    failed: engine.value && isNeeded ? Promise.race([brokerFailed, engine.value.failed]) : brokerFailed,
  };
}

async function keptBroker(
  { provider }: SystemOptions,
  { data, tell, signal }: SystemSurroundings,
): Promise<{ broker: Broker; kept: Kept }> {
  // What Polly was paid must survive a power cut; the local engine costs nothing, so it need not wait for the disk.
  const flushes = provider === 'polly';
  const options = { storeDir: data.broker, logFile: data.brokerLog, flushes, tell };
  const broker = await startBroker({ ...options, signal });
  const { port, token } = broker;
  // Restart on the same port and with the same token, so that all clients reconnect.
  const restart = (stopping: AbortSignal) => startBroker({ ...options, port, token, signal: stopping });
  const { logFile } = options;
  return { broker, kept: keepRunning(broker, { name: 'The broker', restart, logFile, tell, signal }) };
}

async function keptEngine(
  options: SystemOptions,
  { data, env, stays, tell }: SystemSurroundings,
): Promise<{ engine: Engine; kept: Kept } | undefined> {
  const isNeeded = options.provider === 'local';
  // With Polly, the engine only serves free previews on the console.
  if (!isNeeded && !(stays && options.console)) return undefined;
  const engineOptions = {
    folder: data.engine,
    logFile: join(data.logs, 'engine.log'),
    env,
    settings: engineSettings(options, data),
  };
  const engine = await startEngine(engineOptions).catch((error: Error) => {
    if (isNeeded) throw error;
    tell(unheard(error));
  });
  if (engine === undefined) return undefined;
  const restart = () => startEngine({ ...engineOptions, port: engine.port });
  const { logFile } = engineOptions;
  return { engine, kept: keepRunning(engine, { name: 'The local engine', restart, logFile, tell }) };
}

const unheard = (error: Error): string => `no line can be heard before it is submitted: ${error.message}`;

/** With `--quotas polly`, the engine enforces Polly's quotas, to show that they are kept. */
function engineSettings({ quotas, region }: SystemOptions, data: DataFolder): Environment {
  return {
    STATE_DIR: data.engine,
    TASK_OUTPUT_DIR: data.buckets,
    S3_ENDPOINT: undefined,
    QUOTAS: quotas === 'polly' ? 'polly' : 'off',
    ...(region === undefined ? {} : { AWS_REGION: region }),
  };
}
