/** What remains of set files in buckets after a crash, and which replica continues with them. */

import { dropName, runOfFile } from '@setlist/admission';
import { dropLeaseKey, replicaSubject } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { BAD, dealtWith, setNames, withBuckets, withMethod } from './bucket-world.ts';
import { startStoppingRelay } from './stopping-relay.ts';
import { setOf, startWorld, upTo } from './world.ts';

const s3 = withBuckets();

it('a set is completed after a crash in its middle, even if its object has been replaced', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const items = 5_000;
  const { env, endpoint, region } = s3.server();
  await using relay = await startStoppingRelay(world.nats.url);
  const killed = await world.process({
    ...env,
    NATS_URL: relay.url,
    INBOX: bucket.uri,
    BUCKET_POLL_EVERY: '100ms',
    S3_ENDPOINT: endpoint,
    S3_REGION: region,
    S3_FORCE_PATH_STYLE: 'true',
  });
  await bucket.put('long.yml', setOf('long', items));
  await eventually(async () => (await world.log.head()) > 500);
  await killed.kill9();
  const [accepted] = await world.lives();
  const id = accepted?.setId ?? '';
  expect((await world.requested(id)).length).toBeLessThan(items);
  await bucket.put('long.yml', setOf('another', 1));
  await using _ingest = s3.watch(world, bucket);
  await eventually(async () => (await dealtWith(world)) === 2);
  expect(new Set(await world.requested(id)).size).toBe(items);
  expect(await setNames(world)).toEqual(['long', 'another']);
});

it('a set whose object was replaced and removed while the broker was away is requested completely', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  let isAway = true;
  const log = withMethod(world.log, 'appendAll', (events) =>
    isAway ? Promise.reject(new Error('the broker is away')) : world.log.appendAll(events),
  );
  await bucket.put('long.yml', setOf('long', 20));
  await using _ingest = s3.watch(world, bucket, { deps: { log } });
  await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
  await bucket.put('long.yml', setOf('corrected', 1));
  await bucket.store.delete('long.yml');
  isAway = false;
  await eventually(async () => (await dealtWith(world)) > 0);
  const [accepted] = await world.lives();
  expect(new Set(await world.requested(accepted?.setId ?? ''))).toEqual(new Set(upTo(20)));
});

it('a crash between a refusal and its report leaves the report to the next start', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await bucket.put('bad.yml', BAD);
  const full = withMethod(bucket.store, 'put', () => Promise.reject(new Error('the bucket takes nothing')));
  {
    await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => full } });
    await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
  }
  expect(await bucket.keys()).toEqual(['bad.yml']);
  await using _ingest = s3.watch(world, bucket);
  await eventually(async () => (await bucket.keys()).length === 3);
  expect(await setNames(world)).toEqual(['bad']);
});

it('a replica takes over the file of a frozen one when its lease runs out, and of a dead one at once', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const hold = async (key: string, by: string) => {
    await bucket.put(key, setOf(key.slice(0, -4), 1));
    const object = (await Array.fromAsync(bucket.store.list(key)))[0];
    if (object === undefined) throw new Error('nothing was put');
    const uri = `${bucket.uri}/${key}`;
    const claim = dropLeaseKey(dropName({ uri, run: runOfFile({ ...object, uri }) }));
    const { coordination, clock } = world.log;
    await coordination.put(claim, { by, untilMs: clock.now() + 3_600_000 });
    return { runsOut: () => coordination.put(claim, { by, untilMs: clock.now() }) };
  };
  const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>();
  let asked = 0;
  await using _frozen = world.log.answer(
    replicaSubject('frozen'),
    () => {
      asked++;
      return thawed;
    },
    () => undefined,
  );
  const frozen = await hold('frozen.yml', 'frozen');
  await hold('gone.yml', 'gone');
  await using _ingest = s3.watch(world, bucket);
  // Asked again, so it was left alone when it didn't answer.
  await eventually(async () => {
    expect(asked).toBeGreaterThan(1);
    expect(await setNames(world)).toEqual(['gone']);
  });
  await frozen.runsOut();
  await eventually(async () => expect(await setNames(world)).toEqual(['gone', 'frozen']));
  thaw();
});
