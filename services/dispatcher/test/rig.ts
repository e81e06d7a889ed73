/** A broker, an engine and stores of a test's own, and sets that are asked for as ingest would. */
import { fileURLToPath } from 'node:url';
import {
  type EventData,
  newEvent,
  runId,
  type SetlistEvent,
  type Sound,
  soundHash,
  subjects,
} from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { countCharacters, type Engine, FORMATS, operationFor } from '@setlist/polly';
import { createLogger, loadConfig } from '@setlist/runtime';
import { startNats, startProcess, type TestNats, type TestProcess, temporaryFolder } from '@setlist/testkit';
import { config, createDispatcher } from '../src/index.ts';

const ENGINE = fileURLToPath(new URL('../../../packages/polly-local/src/main.ts', import.meta.url));
const DISPATCHER = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export interface Rig extends AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  readonly engine: TestProcess;
  readonly engineUrl: string;
  readonly folder: string;
  readonly env: Record<string, string>;
}

/** Starts everything but dispatchers. `engineEnv` sets quotas, faults and the kind of engine. */
export async function startRig(engineEnv: Record<string, string> = {}): Promise<Rig> {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const folder = stack.use(await temporaryFolder());
  const { engine, url } = await startEngine(folder.path, engineEnv);
  stack.use(engine);
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const env = {
    NATS_URL: nats.url,
    STORE: `${folder.path}/store`,
    POLLY_LOCAL_URL: url,
    LOG_FORMAT: 'json',
    CALL_TIMEOUT: '3s',
    ACK_WAIT: '3s',
    TASK_BUCKET: 'setlist-tasks',
    TASK_STORE: `${folder.path}/buckets/setlist-tasks`,
    TASK_POLL_EVERY: '100ms',
  };
  const held = stack.move();
  return {
    nats,
    log,
    engine,
    engineUrl: url,
    folder: folder.path,
    env,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

async function startEngine(folder: string, engineEnv: Record<string, string>) {
  const engine = await startProcess({
    name: 'polly-local',
    entry: ENGINE,
    env: { LISTEN_PORT: '0', TASK_OUTPUT_DIR: `${folder}/buckets`, LOG_FORMAT: 'json', ...engineEnv },
  });
  const line = await engine.waitForLine(/"event":"(ready|listening)"/);
  const { url } = JSON.parse(line) as { url: string };
  return { engine, url };
}

/** A dispatcher in this process. Aborting it drains it. */
export function dispatcherHere(rig: Rig, env: Record<string, string> = {}) {
  const stop = new AbortController();
  const settings = loadConfig(config, { ...rig.env, ...env });
  const logger = createLogger({ service: 'dispatcher', level: 'error', pretty: false });
  const dispatcher = createDispatcher(settings, { log: rig.log, logger, signal: stop.signal });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await dispatcher.done;
    },
  };
}

/** A dispatcher as a process of its own, to be killed. */
export const dispatcherProcess = (rig: Rig, env: Record<string, string> = {}): Promise<TestProcess> =>
  startProcess({ name: 'dispatcher', entry: DISPATCHER, env: { ...rig.env, ...env } });

export const sound = (text: string, changes: Partial<Sound> = {}): Sound => ({
  provider: 'local',
  engine: 'standard',
  voice: 'Joanna',
  language: 'en-US',
  format: 'mp3',
  sampleRate: 22_050,
  textType: 'text',
  text,
  lexicons: [],
  speechMarks: [],
  ...changes,
});

let runs = 0;

/** Accepts a set and asks for its items. */
export async function ask(rig: Rig, sounds: readonly Sound[], name = 'a-set'): Promise<string> {
  const run = runId(new Date(), Buffer.from([++runs >> 8, runs, 3, 4, 5, 6]));
  const setId = `${name}-${run}`;
  const context = { source: 'ingest', now: new Date(), setId } as const;
  const requests = sounds.map((entry, index) => request(entry, index, name));
  const lanes = [...new Set(sounds.map((entry) => entry.engine))].map((lane) => laneOf(lane, requests));
  const billedCharacters = lanes.reduce((sum, lane) => sum + lane.billedCharacters, 0);
  const accepted = newEvent(
    'SetAccepted',
    {
      run,
      set: { name, location: `${rig.folder}/out`, notify: [] },
      source: { uri: 'test', bytes: 1, sha256: '0'.repeat(64), keptAs: 'setfiles/x.yml' },
      prefix: name,
      output: `file://${rig.folder}/out`,
      provider: 'local',
      itemCount: sounds.length,
      lanes,
      billedCharacters,
      estimatedUsd: '0',
      usdPerMillion: {},
      priority: 'normal',
      compat: false,
      warnings: 0,
    },
    context,
  );
  await rig.log.append(accepted, { lastSeq: 0 });
  await rig.log.appendAll(requests.map((data) => newEvent('ItemRequested', data, context) as SetlistEvent));
  return setId;
}

function request(entry: Sound, index: number, prefix: string): EventData<'ItemRequested'> {
  const { billed, total } = countCharacters(entry.text, entry.textType);
  const operation = operationFor(billed, total);
  if (operation === 'too-long') throw new RangeError('a text that no operation takes');
  const file = `${prefix}/item-${String(index).padStart(6, '0')}.${FORMATS[entry.format].extension}`;
  return {
    index,
    attempt: 1,
    lane: entry.engine,
    file,
    hash: soundHash(entry),
    sound: entry,
    billedCharacters: billed,
    operation,
  };
}

const laneOf = (lane: Engine, requests: readonly EventData<'ItemRequested'>[]) => {
  const own = requests.filter((item) => item.lane === lane);
  return {
    lane,
    items: own.length,
    billedCharacters: own.reduce((sum, item) => sum + item.billedCharacters, 0),
  };
};

/** The outcomes of a set so far, in the log's order. */
export async function outcomesOf(rig: Rig, setId: string) {
  const outcomes: Array<{ name: string; data: EventData<'ItemCompleted'> | EventData<'ItemFailed'> }> = [];
  for await (const { event } of rig.log.read({
    subjects: [`${subjects.ofSet(setId).slice(0, -1)}outcome.>`],
  })) {
    if (event?.name === 'ItemCompleted' || event?.name === 'ItemFailed') outcomes.push(event);
  }
  return outcomes;
}

export interface EngineStats {
  readonly throttled: number;
  readonly billedCharacters: number;
  readonly tasksStarted: number;
  readonly calls: Readonly<Record<string, { ok: number; throttled: number; peakAdmittedPerSecond: number }>>;
  /** How often each sound was paid for and delivered whole. */
  readonly sounds: Readonly<Record<string, number>>;
  /** How often each was paid for although its reply did not arrive whole. */
  readonly lostSounds: Readonly<Record<string, number>>;
}

/** What the engine was asked and what it billed. */
export async function engineStats(rig: Rig): Promise<EngineStats> {
  const reply = await fetch(`${rig.engineUrl}/_local/stats?calls=1`);
  return (await reply.json()) as EngineStats;
}

/** Whatever was paid more than once, whole. */
export const paidTwice = (stats: EngineStats): string[] =>
  Object.entries(stats.sounds).flatMap(([key, count]) => (count > 1 ? [key] : []));
