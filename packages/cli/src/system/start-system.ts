/** The whole system in one process, with the broker and the local engine as its children. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { doorOf } from '@setlist/admission';
import { type Broker, startBroker } from '@setlist/broker';
import type { SetSummary } from '@setlist/contracts';
import { missingCredentials } from '@setlist/dispatcher';
import type { EventLog } from '@setlist/eventlog';
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
import { type ConsoleSettings, isBucket, type SystemOptions, serviceSettings } from './service-settings.ts';
import { type Services, startServices } from './services.ts';

/** For what still goes on where the broker is gone for good: calls under way are stored, and nothing is told any more. */
const WITHOUT_BROKER_MS = 5_000;

const NOWHERE = 'nats://127.0.0.1:4222';

export interface SystemSurroundings {
  readonly data: DataFolder;
  readonly env: Environment;
  /** The command that runs it, for whoever finds the folder locked. */
  readonly command: string;
  /** Ends the waiting for the folder, and the start of the services. */
  readonly signal: AbortSignal;
  /** Whether it runs until stopped. */
  readonly stays: boolean;
  /** Told in a sentence what a user should hear of. */
  readonly tell: (message: string) => void;
}

/** Disposing of it drains it: calls under way end, and what is not done is gone on with at the next start. */
export interface System extends AsyncDisposable {
  readonly log: EventLog;
  readonly logFile: string;
  /** As {@link Services.begunAfter}. */
  readonly begunAfter: number;
  /** As {@link Services.unfinished}. */
  readonly unfinished: readonly SetSummary[];
  /** In which of AWS's regions Polly is asked; missing where the local engine speaks. */
  readonly region?: string;
  /** Where the console is, if there is one. */
  readonly consoleUrl?: string;
  /** Rejects when a part of it can't go on. */
  readonly failed: Promise<never>;
  /** As {@link Services.drain}; the tracker folds on. */
  drain(): Promise<void>;
}

/**
 * Starts everything on a data folder, which is locked for as long.
 * @throws CommandFailed, BrokerNotFound, BrokerNotStarted, Faults, StoreError
 */
export async function startSystem(options: SystemOptions, surroundings: SystemSurroundings): Promise<System> {
  const { data, env, command, signal, stays, tell } = surroundings;
  // What is wrong with the settings is said before anything starts.
  serviceSettings(options, data, { broker: NOWHERE, engine: undefined }, env);
  await requireCredentials(options, env);
  await using stack = new AsyncDisposableStack();
  mkdirSync(data.path, { recursive: true });
  const lock = stack.use(await takeFolder(data, { command, tell, signal }));
  const serviceLog = stack.use(openServiceLog(data.logs, tell));
  const watched = await watchProcess('setlist', env, serviceLog.logger('telemetry')).catch(notShown);
  if (watched) stack.use(watched);
  if (watched?.metricsUrl) tell(`metrics for Prometheus are at ${watched.metricsUrl}`);
  const children = await startChildren(options, surroundings, stack);
  const { broker, engine } = children;
  const inVain = children.brokerFailed.catch(() => sleep(WITHOUT_BROKER_MS));
  const settings = serviceSettings(options, data, { broker: broker.url, engine: engine?.url }, env);
  // A broker that is gone for good answers nothing: whoever starts would ask it without end.
  const starting = AbortSignal.any([signal, whereItFails(children.failed)]);
  const services: Services = stack.use(
    await startServices(settings, broker.url, { serviceLog, env, inVain, signal: starting }),
  );
  const inbox = options.inboxes.find((place) => !isBucket(place)) ?? data.inbox;
  const { compat } = options;
  stack.use(writeNote(data, { ...doorOf(settings.ingest), broker: broker.url, inbox, compat, stays }));
  const parts = {
    log: services.log,
    logger: serviceLog.logger('console'),
    tell,
    portIsFixed: options.console?.port !== undefined || Boolean(env.CONSOLE_PORT),
  };
  const starts = async (it: ConsoleSettings) => unlessInVain(await startConsole(it, parts), inVain);
  const console = settings.console && (await openUnlessStopped(starts(settings.console), starting));
  if (console) stack.use(console);
  const held = stack.move();
  const ends = [untilLost(lock), children.failed, services.failed, ...(console ? [untilEnded(console)] : [])];
  const failed = Promise.race(ends);
  failed.catch(() => undefined);
  return {
    log: services.log,
    begunAfter: services.begunAfter,
    unfinished: services.unfinished,
    logFile: serviceLog.file,
    ...(options.provider === 'polly' && { region: settings.dispatcher.POLLY_REGION }),
    ...(console && { consoleUrl: console.url }),
    failed,
    drain: () => services.drain(),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Its end reads the log to the last: not where there is none any more. */
const unlessInVain = (console: StartedConsole, inVain: Promise<void>): StartedConsole => ({
  ...console,
  [Symbol.asyncDispose]: () => Promise.race([console[Symbol.asyncDispose](), inVain]),
});

/** Before anything is placed, since a set that was taken in without them would fail item by item. */
async function requireCredentials({ provider, region }: SystemOptions, env: Environment): Promise<void> {
  if (provider !== 'polly') return;
  const reason = await missingCredentials(region ?? env.POLLY_REGION ?? env.AWS_REGION);
  if (reason === undefined) return;
  throw missing(
    `there are no credentials for Amazon Polly: ${reason}`,
    `Give them by ${HOW_TO_GIVE_CREDENTIALS}; "setlist doctor" says what it finds. Nothing was begun.`,
  );
}

function notShown(error: unknown): never {
  if (!(error instanceof Error && 'syscall' in error && error.syscall === 'listen')) throw error;
  throw missing(
    `metrics can't be shown to Prometheus: ${error.message}`,
    'Name another place with OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT; 0 takes any free port.',
  );
}

/** Aborts with what the promise rejects with. */
function whereItFails(failed: Promise<never>): AbortSignal {
  const failing = new AbortController();
  failed.catch((error) => failing.abort(error));
  return failing.signal;
}

const untilLost = ({ lost }: Lock): Promise<never> =>
  unlessAborted(new Promise<never>(() => undefined), lost);

/** Rejects when the console can't go on, and never where it was told to end. */
const untilEnded = ({ done }: StartedConsole): Promise<never> =>
  done.then(() => new Promise<never>(() => undefined));

interface Children {
  readonly broker: Broker;
  /** Missing where Polly itself speaks and nobody wants to hear a line before. */
  readonly engine: Engine | undefined;
  readonly brokerFailed: Promise<never>;
  /** Of the broker, or of an engine that makes the audio. */
  readonly failed: Promise<never>;
}

/** Both at once, since each takes its time; whichever came up is on the stack even if the other did not. */
async function startChildren(
  options: SystemOptions,
  surroundings: SystemSurroundings,
  stack: AsyncDisposableStack,
): Promise<Children> {
  const [broker, engine] = await Promise.allSettled([
    keptBroker(surroundings).then(({ broker, kept }) => ({ broker, failed: stack.use(kept).failed })),
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

async function keptBroker({ data, tell }: SystemSurroundings): Promise<{ broker: Broker; kept: Kept }> {
  const options = { storeDir: data.broker, logFile: data.brokerLog };
  const broker = await startBroker(options);
  const { port, token } = broker;
  // On the same port and with the same token, so that everyone's connections come back.
  const restart = () => startBroker({ ...options, port, token });
  return { broker, kept: keepRunning(broker, { name: 'The broker', restart, tell }) };
}

async function keptEngine(
  options: SystemOptions,
  { data, env, stays, tell }: SystemSurroundings,
): Promise<{ engine: Engine; kept: Kept } | undefined> {
  const isNeeded = options.provider === 'local';
  // Beside Polly it lets a line be heard on the console, for nothing.
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
  return { engine, kept: keepRunning(engine, { name: 'The local engine', restart, tell }) };
}

const unheard = (error: Error): string => `no line can be heard before it is submitted: ${error.message}`;

/** The engine enforces Polly's own quotas where they are asked for, so that keeping them is seen to work. */
function engineSettings({ quotas, region }: SystemOptions, data: DataFolder): Environment {
  return {
    STATE_DIR: data.engine,
    TASK_OUTPUT_DIR: data.buckets,
    S3_ENDPOINT: undefined,
    QUOTAS: quotas === 'polly' ? 'polly' : 'off',
    ...(region === undefined ? {} : { AWS_REGION: region }),
  };
}
