/** The whole system as separate processes on a broker, an engine and folders of its own, each to be killed at will. */
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EventOf, type SetlistEvent, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import {
  eventually,
  startNats,
  startProcess,
  type TestNats,
  type TestProcess,
  temporaryFolder,
} from '@setlist/testkit';

export const SERVICES = ['ingest', 'dispatcher', 'tracker', 'notifier'] as const;
export type ServiceName = (typeof SERVICES)[number];

const entryOf = (path: string): string => fileURLToPath(new URL(`../${path}/src/main.ts`, import.meta.url));

export interface EngineStats {
  readonly throttled: number;
  readonly tasksStarted: number;
  readonly billedCharacters: number;
  /** How often each sound was paid for and delivered whole. */
  readonly sounds: Readonly<Record<string, number>>;
  /** How often each was paid for although its reply did not arrive whole. */
  readonly lostSounds: Readonly<Record<string, number>>;
  readonly calls: Readonly<
    Record<string, { ok: number; throttled: number; peakAdmittedPerSecond: number; peakInFlight: number }>
  >;
}

export interface SystemOptions {
  readonly engine?: Readonly<Record<string, string>>;
  readonly services?: Readonly<Record<string, string>>;
  readonly dispatchers?: number;
}

export class System implements AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  readonly folder: string;
  readonly engineUrl: string;
  readonly processes = new Map<string, TestProcess>();
  readonly #env: Record<string, string>;
  readonly #stack: AsyncDisposableStack;

  private constructor(parts: Pick<System, 'nats' | 'log' | 'folder' | 'engineUrl'>, rest: SystemRest) {
    this.nats = parts.nats;
    this.log = parts.log;
    this.folder = parts.folder;
    this.engineUrl = parts.engineUrl;
    this.#env = rest.env;
    this.#stack = rest.stack;
  }

  static async start(options: SystemOptions = {}): Promise<System> {
    await using stack = new AsyncDisposableStack();
    const folder = stack.use(await temporaryFolder()).path;
    const nats = stack.use(await startNats());
    const log = stack.use(await openEventLog({ servers: nats.url, name: 'e2e' }));
    const engine = await startProcess({
      name: 'polly-local',
      entry: entryOf('packages/polly-local'),
      env: {
        LISTEN_PORT: '0',
        LOG_FORMAT: 'json',
        TASK_OUTPUT_DIR: join(folder, 'buckets'),
        STATE_DIR: join(folder, 'engine'),
        ...options.engine,
      },
    });
    stack.use(engine);
    const { url: engineUrl } = JSON.parse(await engine.waitForLine(/"event":"listening"/)) as { url: string };
    const env = { ...defaults(folder, nats.url, engineUrl), ...options.services };
    const system = new System({ nats, log, folder, engineUrl }, { env, stack: stack.move() });
    for (let count = 1; count <= (options.dispatchers ?? 1); count++)
      await system.startService('dispatcher', count);
    for (const name of ['ingest', 'tracker', 'notifier'] as const) await system.startService(name);
    return system;
  }

  async startService(name: ServiceName, replica = 1): Promise<TestProcess> {
    const started = await startProcess({ name, entry: entryOf(`services/${name}`), env: this.#env });
    this.processes.set(`${name}-${replica}`, started);
    await started.waitForLine(/"event":"ready"/);
    return started;
  }

  /** Ends a service as a crash would, and starts it again. */
  async crash(name: ServiceName, replica = 1): Promise<void> {
    await this.processes.get(`${name}-${replica}`)?.kill9();
    await this.startService(name, replica);
  }

  /** Moves a set file into the watched folder, as a user would. */
  async drop(name: string, text: string): Promise<void> {
    const aside = join(this.folder, `${name}.part`);
    await mkdir(this.inbox, { recursive: true });
    await writeFile(aside, text);
    await rename(aside, join(this.inbox, name));
  }

  get inbox(): string {
    return join(this.folder, 'inbox');
  }

  get output(): string {
    return join(this.folder, 'out');
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

  async engineStats(): Promise<EngineStats> {
    const reply = await fetch(`${this.engineUrl}/_local/stats?calls=1`);
    return (await reply.json()) as EngineStats;
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
  readonly env: Record<string, string>;
  readonly stack: AsyncDisposableStack;
}

const defaults = (folder: string, natsUrl: string, engineUrl: string): Record<string, string> => ({
  LOG_FORMAT: 'json',
  NATS_URL: natsUrl,
  POLLY_LOCAL_URL: engineUrl,
  INBOX: join(folder, 'inbox'),
  STORE: join(folder, 'store'),
  OUTPUT: join(folder, 'out'),
  MAIL_FOLDER: join(folder, 'mail'),
  TASK_BUCKET: 'setlist-tasks',
  TASK_STORE: join(folder, 'buckets', 'setlist-tasks'),
  TASK_POLL_EVERY: '200ms',
  CALL_TIMEOUT: '2s',
  ACK_WAIT: '3s',
});

/** A set file of so many phrases, no two alike. */
export function setFile(
  name: string,
  count: number,
  { engine = 'standard', phrase = (index: number): string => `Item ${index} of ${name}.` } = {},
): string {
  const items = Array.from({ length: count }, (_, index) => `  - text: ${JSON.stringify(phrase(index))}`);
  return [
    `set: { name: ${name} }`,
    `defaults: { engine: ${engine}, voice-id: Joanna }`,
    'items:',
    ...items,
    '',
  ].join('\n');
}
