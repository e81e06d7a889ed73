/** Sets whose replica is gone for good before all their items are requested. */
import { createLogger } from '@setlist/runtime';
import { folderObjectStore } from '@setlist/storage';
import { eventually, temporaryFolder } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { Leases } from '../src/adapters/leases.ts';
import { RunMarkers } from '../src/adapters/run-markers.ts';
import type { Dropped } from '../src/drop/dropped.ts';
import { BucketInbox } from '../src/watch/watch-bucket.ts';
import { withBuckets, withMethod } from './bucket-world.ts';
import { setOf, startWorld } from './world.ts';

const s3 = withBuckets();

it('a set is continued, once, by a replica that has run all along, although its object is gone', async () => {
  await using world = await startWorld();
  await using folder = await temporaryFolder();
  const logger = createLogger({ service: 'ingest', level: 'silent' });
  await using leases = new Leases({ log: world.log, logger });
  const bucket = await s3.create();
  const store = folderObjectStore(world.storeFolder);
  const ending = new AbortController();
  const taken: Dropped[] = [];
  let looks = 0;
  let isGone = false;
  // Nothing is found while the first replica holds its lease: the next try would come half a minute later.
  const log = withMethod(world.log, 'read', async function* (selection) {
    looks += 1;
    if (isGone) yield* world.log.read(selection);
  });
  const other = new BucketInbox({
    inbox: bucket.store,
    deps: { log, store, logger, signal: ending.signal },
    markers: new RunMarkers(store),
    crew: { take: async (dropped) => taken.push(dropped) > 0 },
    leases,
    pollEveryMs: 3_600_000,
    resumeEveryMs: 50,
    folder: folder.path,
  });
  const resuming = other.resume();
  {
    const away = withMethod(world.log, 'appendAll', () => Promise.reject(new Error('the broker is away')));
    await using _first = s3.watch(world, bucket, { deps: { log: away } });
    await bucket.put('act.yml', setOf('act', 5));
    await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
  }
  await bucket.store.delete('act.yml');
  expect(looks).toBeGreaterThan(0);
  isGone = true;
  await eventually(() => taken.length > 0);
  const since = performance.now();
  await eventually(() => performance.now() > since + 200);
  expect(taken.map(({ run }) => run)).toEqual((await world.lives()).map(({ data }) => data.run));
  ending.abort();
  await resuming;
});
