/** Files that wait are found again with every look: looking at them takes no memory that stays. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createLogger } from '@setlist/runtime';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { temporaryFolder } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { Leases } from '../src/adapters/leases.ts';
import { RunMarkers } from '../src/adapters/run-markers.ts';
import { DropProcessor } from '../src/drop/drop-processor.ts';
import type { Dropped } from '../src/drop/dropped.ts';
import { BucketInbox } from '../src/watch/watch-bucket.ts';
import { withMethod } from './bucket-world.ts';
import { withWorld } from './world.ts';

const LOOKS = 20_000;
const MOST_BYTES_PER_LOOK = 50;
const logger = createLogger({ service: 'ingest', level: 'silent' });

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

async function bytesKeptPerLook(look: () => unknown): Promise<number> {
  const heap = async (): Promise<number> => {
    await new Promise(setImmediate);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  await look();
  const before = await heap();
  for (let looks = 0; looks < LOOKS; looks++) await look();
  return ((await heap()) - before) / LOOKS;
}

it('a claimed file that is found again while it is processed takes no memory', async () => {
  const ending = Promise.withResolvers<void>();
  const processor = new DropProcessor({
    processDrop: () => ending.promise,
    logger,
    signal: new AbortController().signal,
  });
  const dropped = { run: '20261122t205012-k3f9q2', uri: 'file:///in/act.yml' } as Dropped;
  const how = { bytes: async () => 1, hold: async () => new AsyncDisposableStack() };
  expect(await bytesKeptPerLook(() => void processor.take(dropped, how))).toBeLessThan(MOST_BYTES_PER_LOOK);
  ending.resolve();
  await processor.drain();
});

it('an object that is listed again while it is processed takes no memory', () =>
  withWorld(async ({ log }) => {
    await using folder = await temporaryFolder();
    await using leases = new Leases({ log, logger });
    const store = folderObjectStore(folder.path);
    const found = { key: 'act.yml', bytes: 1, modified: new Date(), version: 'v1' };
    const list: ObjectStore['list'] = async function* () {
      yield found;
    };
    const begun = Promise.withResolvers<void>();
    const ending = Promise.withResolvers<boolean>();
    const inbox = new BucketInbox({
      inbox: withMethod(store, 'list', list),
      deps: { log, store, logger, signal: new AbortController().signal },
      markers: new RunMarkers(store),
      processor: {
        take: () => {
          begun.resolve();
          return ending.promise;
        },
      },
      leases,
      pollEveryMs: 1,
      folder: folder.path,
    });
    await inbox.look();
    await begun.promise;
    expect(await bytesKeptPerLook(() => inbox.look())).toBeLessThan(MOST_BYTES_PER_LOOK);
    ending.resolve(true);
    await inbox.ended();
  }));
