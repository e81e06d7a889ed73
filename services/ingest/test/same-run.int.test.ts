/** Objects written in the same second that have the same run id by chance. */
import { runOfFile } from '@setlist/admission';
import { folderObjectStore, type ObjectStore } from '@setlist/storage';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { BAD, dealtWith, setNames, withBuckets, withMethod } from './bucket-world.ts';
import { setOf, startWorld } from './world.ts';

const s3 = withBuckets();
const OF_ONE_SECOND = { version: 'abc@1763845812', modified: new Date('2026-11-22T20:50:12Z') };

/** Two keys that share a run id, found by trying. */
function sharing(inbox: string): [string, string] {
  const runs = new Map<string, string>();
  for (let number = 0; ; number++) {
    const key = `${number}.yml`;
    const run = runOfFile({ ...OF_ONE_SECOND, uri: `${inbox}/${key}`, key });
    const other = runs.get(run);
    if (other !== undefined) return [other, key];
    runs.set(run, key);
  }
}

/** The bucket as if all of it had been uploaded in one second. */
function ofOneSecond(store: ObjectStore): ObjectStore {
  const listing = withMethod(store, 'list', async function* (prefix) {
    for await (const object of store.list(prefix)) yield { ...object, ...OF_ONE_SECOND };
  });
  const heading = withMethod(listing, 'head', async (key) => {
    const found = await store.head(key);
    return found && { ...found, ...OF_ONE_SECOND };
  });
  return withMethod(heading, 'read', (key) => store.read(key));
}

it('two files with the same run id are both processed, and remembered as two', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const [one, other] = sharing(bucket.uri);
  await bucket.put(one, setOf('one', 3));
  await bucket.put(other, BAD);
  await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => ofOneSecond(bucket.store) } });
  await eventually(async () => (await dealtWith(world)) === 2);
  expect((await setNames(world)).sort()).toEqual(['bad', 'one']);
  expect(new Set((await world.lives()).map(({ data }) => data.run)).size).toBe(1);
  expect(await bucket.keys()).toContain(`${other}.problems.txt`);
});

it('of two files with the same run id and set name, the second waits with a remedy in the log', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  const [one, other] = sharing(bucket.uri);
  await bucket.put(one, setOf('twin', 1));
  await bucket.put(other, setOf('twin', 2));
  await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => ofOneSecond(bucket.store) } });
  await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
  await eventually(async () => (await dealtWith(world)) === 1);
  expect(world.logged.find(({ event }) => event === 'set-file-waits')).toMatchObject({
    remedy: 'Upload it again: that makes it a new run.',
  });
});

it('a file that is remembered only by its run id is not processed again', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await bucket.put('old.yml', setOf('old', 1));
  const uri = `${bucket.uri}/old.yml`;
  const run = runOfFile({ ...OF_ONE_SECOND, uri, key: 'old.yml' });
  const marker = { contentType: 'application/json' };
  await folderObjectStore(world.storeFolder).put(`drops/${run}.json`, Buffer.from('{}'), marker);
  await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => ofOneSecond(bucket.store) } });
  await bucket.put('z-new.yml', setOf('new', 1));
  await eventually(async () => (await dealtWith(world)) === 2);
  expect(await setNames(world)).toEqual(['new']);
});
