/** A console on a real broker, with a tracker and a folder of audio, and sets whose events a test appends. */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  EVENTS,
  type EventData,
  type EventName,
  newEvent,
  runId,
  type SetlistEvent,
  setId,
  subjectOf,
} from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { createLogger, type Environment, loadConfig } from '@setlist/runtime';
import {
  acceptedData,
  completedData,
  eventually,
  requestedData,
  soundOf,
  startNats,
  startProcess,
  type TestNats,
  type TestProcess,
  temporaryFolder,
} from '@setlist/testkit';
import { consoleConfig } from '../src/config.ts';
import { type Console, createConsole } from '../src/service.ts';

export interface World extends AsyncDisposable {
  readonly nats: TestNats;
  readonly tracker: TestProcess;
  readonly log: EventLog;
  /** Where audio is written. */
  readonly folder: string;
  readonly url: string;
  /** What consoles have logged at level `warn` or above. */
  readonly logged: readonly string[];
  /** Restarts the console on the same port. */
  restartConsole(): Promise<void>;
  /** Starts another replica. @returns its address */
  addConsole(): Promise<string>;
  /** Starts ingest, which watches this inbox and keeps set files in the folder. */
  startIngest(inbox: string, env?: Environment): Promise<void>;
}

const TRACKER = fileURLToPath(new URL('../../tracker/src/main.ts', import.meta.url));
const INGEST = fileURLToPath(new URL('../../ingest/src/main.ts', import.meta.url));
const quiet = { LOG_LEVEL: 'silent', LOG_FORMAT: 'json' };

/** Starts broker, tracker and console; `env` are settings of the console, `tracking` those of the tracker. */
export async function startWorld(env: Environment = {}, tracking: Environment = {}): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const nats = stack.use(await startNats());
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const logger = createLogger({ service: 'test', level: 'warn', pretty: false, destination });
  const trackerEnv = { NATS_URL: nats.url, FLUSH_EVERY: '20ms', MANIFESTS: 'false', ...quiet, ...tracking };
  const tracker = stack.use(await startProcess({ name: 'tracker', entry: TRACKER, env: trackerEnv }));
  const start = async (port: string): Promise<Running> => {
    const settings = loadConfig(consoleConfig, { NATS_URL: nats.url, CONSOLE_PORT: port, ...quiet, ...env });
    const stopping = new AbortController();
    const console = await createConsole(settings, { log, logger, signal: stopping.signal });
    return { console, stopping };
  };
  let running = await start('0');
  stack.defer(() => stop(running));
  const { url } = running.console;
  const held = stack.move();
  const startIngest = async (inbox: string, more: Environment = {}): Promise<void> => {
    const ingestEnv = { NATS_URL: nats.url, INBOX: inbox, STORE: join(folder.path, 'store'), ...more };
    const timing = { SETTLE: '10ms', POLL_EVERY: '100ms', BUCKET_POLL_EVERY: '200ms' };
    held.use(
      await startProcess({ name: 'ingest', entry: INGEST, env: { ...ingestEnv, ...timing, ...quiet } }),
    );
  };
  return {
    startIngest,
    addConsole: async () => {
      const another = await start('0');
      held.defer(() => stop(another));
      return another.console.url;
    },
    nats,
    tracker,
    log,
    folder: folder.path,
    url,
    logged,
    restartConsole: async () => {
      await stop(running);
      running = await start(new URL(url).port);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

interface Running {
  readonly console: Console;
  readonly stopping: AbortController;
}

async function stop({ console, stopping }: Running): Promise<void> {
  stopping.abort();
  await console[Symbol.asyncDispose]();
  await console.done;
}

const HASH = 'a'.repeat(64);
export const sha256Of = (content: string): string => hash('sha256', content);
let runs = 0;

/** Appends the events of one set. */
export class SetOf {
  readonly id: string;
  readonly name: string;
  readonly #run: string;
  readonly #world: Pick<World, 'log' | 'folder'>;
  readonly #items: number;

  /** Where its audio is written; by default the world's folder. */
  output: string;

  constructor(world: Pick<World, 'log' | 'folder'>, name: string, items = 3) {
    this.output = `file://${world.folder}`;
    this.#world = world;
    this.name = name;
    this.#run = runId(new Date(Date.UTC(2026, 0, 5) + 60_000 * runs++), new Uint8Array(6));
    this.id = setId(name, this.#run);
    this.#items = items;
  }

  /** @param asked how many of its items are requested */
  async accept(asked = this.#items): Promise<this> {
    const data = acceptedData({
      run: this.#run,
      set: { name: this.name, location: this.#world.folder, notify: [] },
      prefix: this.name,
      output: this.output,
      provider: 'polly',
      itemCount: this.#items,
    });
    await this.#say('SetAccepted', data);
    for (let index = 0; index < asked; index++) await this.request(index);
    return this;
  }

  /** Rejects its file, which came from this URI, for this many problems. */
  reject(uri: string, problemCount = 1): Promise<void> {
    const problem = {
      column: 1,
      path: 'items',
      code: 'no-items',
      message: 'it has no items',
      remedy: 'add some',
    };
    return this.#say('SetRejected', {
      run: this.#run,
      name: this.name,
      notify: [],
      source: { uri, bytes: 10 },
      problems: Array.from({ length: problemCount }, (_, at) => ({ ...problem, line: at + 1 })),
      problemCount,
    });
  }

  request(index: number): Promise<void> {
    const sound = soundOf({ provider: 'polly', voice: 'Matthew', text: `Gate ${index}, please.` });
    return this.#say('ItemRequested', requestedData({ ...this.#item(index), sound }));
  }

  /** @param sha256 of the audio under the file's name */
  complete(index: number, sha256 = sha256Of('ID3!'), attempt = 1): Promise<void> {
    return this.#say('ItemCompleted', completedData({ ...this.#item(index), attempt, bytes: 4, sha256 }));
  }

  /** Appends to the ledger that an item's sound was paid for just now. */
  pay(index: number): Promise<void> {
    const { lane } = this.#item(index);
    return this.#say('SoundPaid', {
      hash: HASH,
      claim: 1,
      by: 'dispatcher-1',
      for: { set: this.id, index, attempt: 1 },
      how: 'synthesized',
      lane,
      billedCharacters: 100,
      object: 'audio/a.mp3',
      contentType: 'audio/mpeg',
      bytes: 4,
      sha256: HASH,
      durationMs: 900,
    });
  }

  fail(index: number): Promise<void> {
    const reason = { code: 'InvalidSsmlException', message: 'Bad SSML.', remedy: 'Correct it.' };
    return this.#say('ItemFailed', { ...this.#item(index), ...reason, tries: 1 });
  }

  #item(index: number) {
    return { index, attempt: 1, lane: 'neural' as const, file: `${this.name}/item-${index}.mp3`, hash: HASH };
  }

  async #say<N extends EventName>(name: N, data: EventData<N>): Promise<void> {
    const context = { source: EVENTS[name].by[0], now: new Date(), setId: this.id };
    const event = newEvent(name, data, context) as SetlistEvent;
    const last = await this.#world.log.last(subjectOf(event));
    await this.#world.log.append(event, { lastSeq: last?.seq ?? 0 });
  }
}

/** Polls until the answer is as wanted, since projections lag behind the log. */
export async function seen<T>(url: string, wanted: (answer: T) => boolean): Promise<T> {
  return eventually(async () => {
    const answer = (await (await fetch(url)).json()) as T;
    if (!wanted(answer)) throw new Error(`not yet as wanted: ${JSON.stringify(answer).slice(0, 500)}`);
    return { answer };
  }).then(({ answer }) => answer);
}
