/** Sets whose replica is gone for good before all their items are requested. */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventLog } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { eventually, onceStill, temporaryFolder } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { Leases } from '../src/adapters/leases.ts';
import { RunMarkers } from '../src/adapters/run-markers.ts';
import type { Dropped } from '../src/drop/dropped.ts';
import { UnfinishedSets } from '../src/watch/unfinished-sets.ts';
import { BucketInbox } from '../src/watch/watch-bucket.ts';
import { type Bucket, dealtWith, withBuckets, withMethod } from './bucket-world.ts';
import { cancel } from './spending.ts';
import { setOf, startWorld, upTo, type World } from './world.ts';

const s3 = withBuckets();

/** Has a replica accept a set, which then ends without having requested an item. */
async function accepted(world: World, bucket: Bucket): Promise<void> {
  const away = withMethod(world.log, 'appendAll', () => Promise.reject(new Error('the broker is away')));
  await using _first = s3.watch(world, bucket, { deps: { log: away } });
  await bucket.put('act.yml', setOf('act', 5));
  await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
}

/** Another replica, whose processor only takes note of drops, unless their file is gone. */
async function startOther(world: World, { inbox, log }: { inbox: ObjectStore; log: EventLog }) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const logger = createLogger({ service: 'ingest', level: 'silent' });
  const leases = stack.use(new Leases({ log: world.log, logger }));
  const store = folderObjectStore(world.storeFolder);
  const markers = new RunMarkers(store);
  const ending = new AbortController();
  const taken: Dropped[] = [];
  let looks = 0;
  const take = async (dropped: Dropped): Promise<boolean> => {
    looks += 1;
    if ((await dropped.look()) === undefined) return true;
    taken.push(dropped);
    await markers.put(dropped);
    return true;
  };
  const replica = new BucketInbox({
    inbox,
    deps: { log, store, logger, signal: ending.signal },
    markers,
    processor: { take },
    leases,
    pollEveryMs: 3_600_000,
    resumeEveryMs: 50,
    heldElsewhereMs: 50,
    folder: folder.path,
  });
  let resuming: Promise<void> | undefined;
  stack.defer(async () => {
    ending.abort();
    await resuming;
  });
  const resources = stack.move();
  return {
    taken,
    looks: async () => looks,
    look: () => replica.look(),
    resume: () => {
      resuming = replica.resume();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const runsOf = async (world: World) => (await world.lives()).map(({ data }) => data.run);

it('a set is continued, once, by a replica that has run all along, although its object is gone', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  let looks = 0;
  let isGone = false;
  // Nothing is found before the first replica is gone.
  const log = withMethod(world.log, 'read', async function* (selection) {
    looks += 1;
    if (isGone) yield* world.log.read(selection);
  });
  await using other = await startOther(world, { inbox: bucket.store, log });
  other.resume();
  await accepted(world, bucket);
  await bucket.store.delete('act.yml');
  expect(looks).toBeGreaterThan(0);
  isGone = true;
  await eventually(() => other.taken.length > 0);
  const since = performance.now();
  await eventually(() => performance.now() > since + 200);
  expect(other.taken.map(({ run }) => run)).toEqual(await runsOf(world));
});

it('a set is continued although a list has found its object too, which is gone when it is read', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await accepted(world, bucket);
  const reading = Promise.withResolvers<void>();
  const found = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const inbox = withMethod(bucket.store, 'read', async function* (key, version) {
    reading.resolve();
    await gone.promise;
    yield* bucket.store.read(key, version);
  });
  const log = withMethod(world.log, 'read', async function* (selection) {
    yield* world.log.read(selection);
    // What was found has been begun by now.
    found.resolve();
  });
  await using other = await startOther(world, { inbox, log });
  await other.look();
  await reading.promise;
  other.resume();
  await found.promise;
  await bucket.store.delete('act.yml');
  gone.resolve();
  await eventually(() => other.taken.length > 0);
  expect(other.taken.map(({ run }) => run)).toEqual(await runsOf(world));
});

it('a set whose kept copy is missing waits for it, with a remedy in the log', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await accepted(world, bucket);
  await bucket.store.delete('act.yml');
  const copies = join(world.storeFolder, 'setfiles');
  const away = join(world.storeFolder, 'away');
  await rename(copies, away);
  await using _ingest = s3.watch(world, bucket);
  const remedy = expect.stringMatching(/^Put it back from a backup/);
  await eventually(() => expect(world.logged).toContainEqual(expect.objectContaining({ remedy })));
  await rename(away, copies);
  await eventually(async () => (await dealtWith(world)) === 1);
  const [{ setId = '' } = {}] = await world.lives();
  expect(await world.requested(setId)).toEqual(upTo(5));
});

it('a set that is cancelled while its kept copy is missing is not waited for any longer', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await accepted(world, bucket);
  await bucket.store.delete('act.yml');
  await rename(join(world.storeFolder, 'setfiles'), join(world.storeFolder, 'away'));
  await using other = await startOther(world, { inbox: bucket.store, log: world.log });
  other.resume();
  await eventually(async () => (await other.looks()) > 2);
  const [{ setId = '' } = {}] = await world.lives();
  await cancel(world, setId);
  await onceStill(other.looks);
  expect(other.taken).toEqual([]);
});

it('a set that has ended is not continued, although the store has lost what marks its file as processed', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await accepted(world, bucket);
  const deps = { log: world.log, signal: new AbortController().signal };
  const markers = { knowsRun: () => false };
  const found = () => Array.fromAsync(new UnfinishedSets({ deps, markers, uri: bucket.uri }).find());
  const [set] = await found();
  expect(set).toMatchObject({ name: 'SetAccepted', data: { set: { name: 'act' } } });
  await cancel(world, set?.setId ?? '');
  expect(await found()).toEqual([]);
});
