/** What bucket tests need besides `world.ts`: a server that speaks S3 and SQS, buckets, and ingests that watch them. */
import { LARGE_BYTES, type OpensSetFiles, openSetFile } from '@setlist/admission';
import { createLogger, loadConfig } from '@setlist/runtime';
import { folderObjectStore, type ObjectStore, openStore } from '@setlist/storage';
import { type S3Server, startS3 } from '@setlist/testkit';
import { afterAll, beforeAll, vi } from 'vitest';
import { createIngest, type IngestDeps, ingestConfig, openPlaces } from '../src/index.ts';
import { setOf, type World } from './world.ts';

/** A set file that is refused. */
export const BAD = 'set:\n  name: bad\nitems:\n  - txt: Hello.\n';

/** A set file of just more than 256 KB. */
export const largeSetOf = (name: string): string => `# ${'-'.repeat(LARGE_BYTES)}\n${setOf(name, 1)}`;

/** Takes for ever to read a large file. */
export const neverReadsLarge: OpensSetFiles = (file, ...rest) =>
  file.bytes > LARGE_BYTES ? new Promise(() => undefined) : openSetFile(file, ...rest);

export interface Bucket {
  readonly uri: string;
  readonly store: ObjectStore;
  put(key: string, text: string): Promise<void>;
  /** The same, also under a name that Setlist's stores refuse. */
  putAsIs(key: string, text: string): Promise<void>;
  keys(): Promise<string[]>;
}

/** The server of one test file. */
export interface Buckets {
  readonly server: () => S3Server;
  readonly open: (uri: string) => ObjectStore;
  readonly create: () => Promise<Bucket>;
  /** An ingest in this process that watches a bucket and no folder. */
  readonly watch: (
    world: World,
    inbox: Bucket,
    options?: { env?: Record<string, string>; deps?: Partial<IngestDeps> },
  ) => AsyncDisposable;
}

/** Starts the server before the file's tests and ends it after them; clients get credentials from the environment. */
export function withBuckets(): Buckets {
  let s3: S3Server;
  let made = 0;
  beforeAll(async () => {
    s3 = await startS3();
    for (const [name, value] of Object.entries(s3.env)) vi.stubEnv(name, value);
  });
  afterAll(() => s3[Symbol.asyncDispose]());
  const open = (uri: string): ObjectStore =>
    openStore(uri, { endpoint: s3.endpoint, region: s3.region, forcePathStyle: true });
  return {
    server: () => s3,
    open,
    async create() {
      const name = `sets-${++made}`;
      await s3.createBucket(name);
      const uri = `s3://${name}/in`;
      const store = open(uri);
      return {
        uri,
        store,
        put: async (key, text) =>
          void (await store.put(key, Buffer.from(text), { contentType: 'application/yaml' })),
        putAsIs: async (key, text) => {
          const at = `${s3.endpoint}/${name}/in/${key.split('/').map(encodeURIComponent).join('/')}`;
          const { ok } = await fetch(at, { method: 'PUT', body: text });
          if (!ok) throw new Error(`the emulator takes no ${key}`);
        },
        keys: async () => (await Array.fromAsync(store.list(''))).map(({ key }) => key),
      };
    },
    watch: (world, inbox, { env = {}, deps = {} } = {}) => {
      const settings = loadConfig(ingestConfig, {
        INBOX: inbox.uri,
        STORE: world.storeFolder,
        NATS_URL: world.nats.url,
        BUCKET_POLL_EVERY: '100ms',
        ...env,
      });
      const destination = { write: (line: string) => void world.logged.push(JSON.parse(line)) };
      const logger = createLogger({ service: 'ingest', level: 'debug', pretty: false, destination });
      const ending = new AbortController();
      const places = { ...openPlaces(settings), inboxAt: open };
      const ingest = createIngest(settings, { log: world.log, logger, ...places, ...deps });
      const running = ingest.run(ending.signal);
      return {
        async [Symbol.asyncDispose]() {
          ending.abort();
          await running;
        },
      };
    },
  };
}

/** The names of all sets, in the log's order. */
export const setNames = async (world: World): Promise<(string | undefined)[]> =>
  (await world.lives()).map((event) =>
    event.name === 'SetAccepted' ? event.data.set.name : event.data.name,
  );

/** How many runs are marked as processed. */
export const dealtWith = async (world: World): Promise<number> =>
  (await Array.fromAsync(folderObjectStore(world.storeFolder).list('drops/'))).length;

/** A store or a log with one of its methods replaced. */
export function withMethod<Of extends object, Name extends keyof Of>(
  whole: Of,
  name: Name,
  method: Of[Name],
): Of {
  return new Proxy(whole, {
    get: (of, asked) => {
      if (asked === name) return method;
      const value: unknown = Reflect.get(of, asked);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
}
