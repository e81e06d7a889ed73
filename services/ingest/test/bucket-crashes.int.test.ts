/** What remains of set files in buckets after a crash, and which replica continues with them. */

import { dropName, runOfFile } from '@setlist/admission';
import { claimKey, replicaSubject } from '@setlist/contracts';
import { eventually, startProcess } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { BAD, dealtWith, setNames, withBuckets, withMethod } from './bucket-world.ts';
import { setOf, startWorld, upTo } from './world.ts';

const s3 = withBuckets();

it('a set is completed after a crash in its middle, even if its object has been replaced', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const items = 5_000;
  await bucket.put('long.yml', setOf('long', items));
  const entry = new URL('../src/main.ts', import.meta.url).pathname;
  const env = {
    ...s3.server().env,
    INBOX: bucket.uri,
    STORE: world.storeFolder,
    NATS_URL: world.nats.url,
    S3_ENDPOINT: s3.server().endpoint,
    S3_REGION: s3.server().region,
    S3_FORCE_PATH_STYLE: 'true',
    LOG_FORMAT: 'json',
  };
  const killed = await startProcess({ name: 'ingest', entry, env });
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
  const held = async (key: string, by: string, forMs: number): Promise<number> => {
    await bucket.put(key, setOf(key.slice(0, -4), 1));
    const object = (await Array.fromAsync(bucket.store.list(key)))[0];
    if (object === undefined) throw new Error('nothing was put');
    const uri = `${bucket.uri}/${key}`;
    const name = dropName({ uri, run: runOfFile({ ...object, uri }) });
    const untilMs = world.log.clock.now() + forMs;
    await world.log.quota.put(claimKey(name), { by, untilMs });
    return untilMs;
  };
  const { promise: thawed, resolve: thaw } = Promise.withResolvers<void>();
  await using _frozen = world.log.answer(
    replicaSubject('frozen'),
    () => thawed,
    () => undefined,
  );
  const untilMs = await held('frozen.yml', 'frozen', 3_000);
  await held('gone.yml', 'gone', 3_600_000);
  await using _ingest = s3.watch(world, bucket);
  await eventually(async () => (await setNames(world)).includes('frozen'));
  expect(world.log.clock.now()).toBeGreaterThanOrEqual(untilMs);
  await eventually(async () => expect(await setNames(world)).toEqual(['gone', 'frozen']));
  thaw();
});
