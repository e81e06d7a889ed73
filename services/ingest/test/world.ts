/** What the tests of this folder need: a real broker, real folders, and ingest in this process or in its own. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OpensSetFiles, openSetFile } from '@setlist/admission';
import { type EventOf, subjects } from '@setlist/contracts';
import { type EventLog, openEventLog, type Recorded } from '@setlist/eventlog';
import { createLogger, loadConfig } from '@setlist/runtime';
import {
  eventually,
  startNats,
  startProcess,
  type TestNats,
  type TestProcess,
  temporaryFolder,
} from '@setlist/testkit';
import { expect } from 'vitest';
import { ingestConfig } from '../src/config.ts';
import { createIngest, type IngestDeps, openPlaces } from '../src/service.ts';

export interface World extends AsyncDisposable {
  readonly nats: TestNats;
  readonly log: EventLog;
  readonly inbox: string;
  readonly storeFolder: string;
  /** Log lines of ingests in this process. */
  readonly logged: Record<string, unknown>[];
  /** Starts an ingest in this process, on the world's log unless given another; disposing ends it. */
  ingest(env?: Record<string, string>, on?: EventLog, open?: OpensSetFiles): Promise<AsyncDisposable>;
  /** Starts the service as a process of its own. */
  process(env?: Record<string, string>): Promise<TestProcess>;
  /** Writes a file elsewhere with a write time an hour ago, and moves it into the inbox. */
  moveIn(name: string, content: string): Promise<void>;
  /** Names of visible files in a folder of the inbox, or in the inbox itself without an argument. */
  files(folder?: string): Promise<string[]>;
  /** Every event on the sets' lives. */
  lives(): Promise<(EventOf<'SetAccepted'> | EventOf<'SetRejected'>)[]>;
  /** Indexes of all requests of a set, in stored order. */
  requested(setId: string): Promise<number[]>;
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));

export async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const nats = stack.use(await startNats());
  const log = stack.use(await openEventLog({ servers: nats.url, name: 'test' }));
  const inbox = join(path, 'inbox');
  const storeFolder = join(path, 'store');
  const outside = join(path, 'outside');
  for (const folder of [inbox, outside]) await mkdir(folder, { recursive: true });
  const logged: Record<string, unknown>[] = [];
  const settings = { INBOX: inbox, STORE: storeFolder, NATS_URL: nats.url, SETTLE: '1s' };
  const resources = stack.move();
  return {
    nats,
    log,
    inbox,
    storeFolder,
    logged,
    ingest: (env = {}, on = log, open = openSetFile) =>
      startInProcess({ ...settings, ...env }, { log: on, open }, logged),
    process: async (env = {}) => {
      // A killed process leaves its temporary files behind.
      const all = { ...settings, LOG_FORMAT: 'json', TMPDIR: path, ...env };
      const started = await startProcess({ name: 'ingest', entry: MAIN, env: all });
      await started.waitForLine(/"event":"ready"/);
      return started;
    },
    async moveIn(name, content) {
      const written = join(outside, randomUUID());
      await writeFile(written, content);
      const anHourAgo = new Date(Date.now() - 3_600_000);
      await utimes(written, anHourAgo, anHourAgo);
      await rename(written, join(inbox, name));
    },
    files: async (folder = '.') =>
      (await readdir(join(inbox, folder), { withFileTypes: true }))
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map(({ name }) => name)
        .sort(),
    lives: async () => {
      const events: (EventOf<'SetAccepted'> | EventOf<'SetRejected'>)[] = [];
      for (const { event } of await recordsOn(log, subjects.state('*'))) {
        if (event?.name === 'SetAccepted' || event?.name === 'SetRejected') events.push(event);
      }
      return events;
    },
    requested: async (setId) =>
      (await recordsOn(log, subjects.requested(setId, '*'))).flatMap(({ event }) =>
        event?.name === 'ItemRequested' ? event.data.index : [],
      ),
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

/** Waits until so many files are done. A file is in `done` a moment before its claim is gone. */
export async function untilDone(world: World, count: number): Promise<void> {
  await eventually(async () => {
    expect(await world.files('done')).toHaveLength(count);
    expect(await world.files('.claimed')).toEqual([]);
  });
}

/** Gives each test a world of its own, so that tests don't affect each other. */
export async function withWorld(test: (world: World) => Promise<void>): Promise<void> {
  await using world = await startWorld();
  await test(world);
}

export async function recordsOn(log: EventLog, subject: string): Promise<Recorded[]> {
  const records: Recorded[] = [];
  for await (const record of log.read({ subjects: [subject] })) records.push(record);
  return records;
}

async function startInProcess(
  env: Record<string, string>,
  deps: Pick<IngestDeps, 'log' | 'open'>,
  logged: Record<string, unknown>[],
): Promise<AsyncDisposable> {
  const settings = loadConfig(ingestConfig, env);
  const destination = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'ingest', level: 'debug', pretty: false, destination });
  const ending = new AbortController();
  const running = createIngest(settings, { ...deps, logger, ...openPlaces(settings) }).run(ending.signal);
  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running;
    },
  };
}

/** A set file of this many different phrases. */
export function setOf(name: string, items: number): string {
  const lines = Array.from({ length: items }, (_, index) => `  - text: "Phrase ${index} of ${name}."`);
  return ['set:', `  name: ${name}`, 'items:', ...lines, ''].join('\n');
}

/** 0, 1, 2 … */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The id of the only set, once there is one. Polls the head: a log reader for each try would load the broker. */
export async function acceptedId(world: World): Promise<string> {
  await eventually(async () => (await world.log.head()) > 0);
  const [life] = await world.lives();
  return life?.setId ?? '';
}

/** Moves `large.yml` in and waits until the last stored request has at least an index. @returns the set's id */
export async function underWay(world: World, items: number, index: number): Promise<string> {
  await world.moveIn('large.yml', setOf('large', items));
  const id = await acceptedId(world);
  await eventually(async () => {
    const last = await world.log.last(subjects.requested(id, 'neural'));
    return last?.event?.name === 'ItemRequested' && last.event.data.index >= index;
  });
  return id;
}
