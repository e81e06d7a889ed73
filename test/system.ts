/** The whole system as separate processes, each of which can be killed, with its own broker, engine and folders. */
import { mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EventOf, type SetlistEvent, type SetSummary, setKey, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import {
  type EngineStats,
  engineStats,
  eventually,
  startLocalEngine,
  startNats,
  startProcess,
  type TestNats,
  type TestProcess,
  temporaryFolder,
} from '@setlist/testkit';

export type ServiceName = 'ingest' | 'dispatcher' | 'tracker' | 'notifier' | 'console';

const entryOf = (name: ServiceName): string =>
  fileURLToPath(new URL(`../services/${name}/src/main.ts`, import.meta.url));

export interface SystemOptions {
  readonly engine?: Readonly<Record<string, string>>;
  readonly services?: Readonly<Record<string, string>>;
  /** Settings of single services. */
  readonly each?: Readonly<Partial<Record<ServiceName, Readonly<Record<string, string>>>>>;
  readonly dispatchers?: number;
  /** Addresses of the test's own broker or of a cluster's nodes; by default the system starts its own broker. */
  readonly servers?: string;
  /** The number of the log's replicas in a cluster. */
  readonly replicas?: number;
}

export class System implements AsyncDisposable {
  readonly log: EventLog;
  readonly folder: string;
  readonly engineUrl: string;
  readonly processes = new Map<string, TestProcess>();
  readonly #nats: TestNats | undefined;
  readonly #env: Record<string, string>;
  readonly #each: NonNullable<SystemOptions['each']>;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Pick<System, 'log' | 'folder' | 'engineUrl'>, rest: SystemRest) {
    this.#nats = rest.nats;
    this.log = parts.log;
    this.folder = parts.folder;
    this.engineUrl = parts.engineUrl;
    this.#env = rest.env;
    this.#each = rest.each;
    this.#stack = rest.stack;
  }

  static async start(options: SystemOptions = {}): Promise<System> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await temporaryFolder()).path;
    const nats = options.servers === undefined ? stack.use(await startNats()) : undefined;
    const servers = options.servers ?? nats?.url ?? '';
    const replicas = options.replicas ?? 1;
    const log = stack.use(await openEventLog({ servers, name: 'e2e', replicas }));
    const engineFolders = { TASK_OUTPUT_DIR: join(folder, 'buckets'), STATE_DIR: join(folder, 'engine') };
    const engine = stack.use(await startLocalEngine({ ...engineFolders, ...options.engine }));
    const engineUrl = engine.url;
    const broker = { NATS_URL: servers, NATS_REPLICAS: String(replicas) };
    const env = { ...defaults(folder, engineUrl), ...broker, ...options.services };
    const system = new System(
      { log, folder, engineUrl },
      { env, each: options.each ?? {}, nats, stack: stack.move() },
    );
    await using unlessReady = new AsyncDisposableStack();
    unlessReady.use(system);
    const dispatchers = Array.from({ length: options.dispatchers ?? 1 }, (_, index) => index + 1);
    await Promise.all([
      ...dispatchers.map((replica) => system.startService('dispatcher', replica)),
      ...(['ingest', 'tracker', 'notifier'] as const).map((name) => system.startService(name)),
    ]);
    unlessReady.move();
    return system;
  }

  async startService(
    name: ServiceName,
    replica = 1,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<TestProcess> {
    const env = { ...this.#env, ...this.#each[name], ...settings };
    const started = await startProcess({ name, entry: entryOf(name), env });
    this.processes.set(`${name}-${replica}`, started);
    await started.waitForLine(/"event":"ready"/);
    return started;
  }

  /** Starts the console, by default on a free port. @returns its page's address */
  async startConsole(settings: Readonly<Record<string, string>> = {}): Promise<string> {
    const started = await this.startService('console', 1, { CONSOLE_PORT: '0', ...settings });
    const line = await started.waitForLine(/"event":"listening"/);
    return (JSON.parse(line) as { url: string }).url;
  }

  /** Kills a service and starts it again. */
  async crash(name: ServiceName, replica = 1): Promise<void> {
    await this.kill(name, replica);
    await this.startService(name, replica);
  }

  /** Kills a service. */
  async kill(name: ServiceName, replica = 1): Promise<void> {
    await this.processes.get(`${name}-${replica}`)?.kill9();
  }

  /** The system's own nats-server. */
  get nats(): TestNats {
    if (this.#nats === undefined) throw new Error('this system runs on a broker that is not its own');
    return this.#nats;
  }

  /**
   * Moves a set file into the watched folder, as a user would.
   * @param written when it was last written, if not now: ingest waits until a file has been left alone for a while
   */
  async drop(name: string, text: string, written?: Date): Promise<void> {
    const aside = join(this.folder, `${name}.part`);
    await mkdir(this.inbox, { recursive: true });
    await writeFile(aside, text);
    if (written) await utimes(aside, written, written);
    await rename(aside, join(this.inbox, name));
  }

  get inbox(): string {
    return join(this.folder, 'inbox');
  }

  get output(): string {
    return this.#env.OUTPUT ?? '';
  }

  get store(): string {
    return this.#env.STORE ?? '';
  }

  /** Every event of the log, or of a selection of it. */
  async events(...filter: string[]): Promise<SetlistEvent[]> {
    const events: SetlistEvent[] = [];
    const selection = filter.length > 0 ? { subjects: filter } : {};
    for await (const { event, problem, seq } of this.log.read(selection)) {
      if (!event) throw new Error(`message ${seq} is no event: ${problem?.message}`);
      events.push(event);
    }
    return events;
  }

  /** Waits until a set of that name has ended, and returns how. */
  completed(name: string, deadlineMs: number): Promise<EventOf<'SetCompleted'>> {
    return eventually(
      async () => {
        const lives = await this.events(subjects.state('*'));
        const found = lives.find((event) => event.name === 'SetCompleted' && event.data.set.name === name);
        if (found?.name !== 'SetCompleted') throw new Error(`the set ${name} has not ended`);
        return found;
      },
      { deadlineMs, everyMs: 100 },
    );
  }

  /** Waits until the projection shows a set's end, which the tracker writes a moment after folding it. */
  async projected(setId: string): Promise<void> {
    const isThere = async (): Promise<boolean> =>
      (await this.log.sets.get<SetSummary>(setKey(setId)))?.value.state === 'completed';
    await eventually(isThere, { everyMs: 50 });
  }

  engineStats(): Promise<EngineStats> {
    return engineStats(this);
  }

  /** The mails in the folder, by file name. */
  async mails(): Promise<string[]> {
    const files = await readdir(join(this.folder, 'mail')).catch(() => []);
    return files.filter((file) => file.endsWith('.eml'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.processes.values()].map((running) => running.kill9()));
    await this.#stack.disposeAsync();
  }
}

interface SystemRest {
  readonly nats: TestNats | undefined;
  readonly env: Record<string, string>;
  readonly each: NonNullable<SystemOptions['each']>;
  readonly stack: AsyncDisposableStack;
}

const defaults = (folder: string, engineUrl: string): Record<string, string> => ({
  LOG_FORMAT: 'json',
  POLLY_LOCAL_URL: engineUrl,
  INBOX: join(folder, 'inbox'),
  STORE: join(folder, 'store'),
  OUTPUT: join(folder, 'out'),
  MAIL_FOLDER: join(folder, 'mail'),
  TASK_BUCKET: 'setlist-tasks',
  TASK_STORE: join(folder, 'buckets', 'setlist-tasks'),
  TASK_POLL_EVERY: '200ms',
  // A call that takes long on a busy machine is no failure.
  CALL_TIMEOUT: '30s',
  ACK_WAIT: '3s',
});

/** A set file with this many phrases, no two alike. */
export function setFile(
  name: string,
  count: number,
  {
    engine = 'standard',
    paths = 'auto',
    phrase = (index: number): string => `Item ${index} of ${name}.`,
  } = {},
): string {
  const items = Array.from({ length: count }, (_, index) => `  - text: ${JSON.stringify(phrase(index))}`);
  return [
    `set: { name: ${name}, paths: ${paths} }`,
    `defaults: { engine: ${engine}, voice-id: Joanna }`,
    'items:',
    ...items,
    '',
  ].join('\n');
}
