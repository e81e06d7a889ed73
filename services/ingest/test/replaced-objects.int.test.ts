/** An object that is replaced while its earlier version still waits. */
import { lexiconsSubject, RESERVATIONS_KEY } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { BAD, dealtWith, setNames, withBuckets, withMethod } from './bucket-world.ts';
import { POLLY } from './spending.ts';
import { setOf, startWorld, type World } from './world.ts';

const s3 = withBuckets();

const NAMES_A_LEXICON = 'set:\n  name: act\nitems:\n  - text: W3C\n    lexicons: [w3c]\n';

const has = (world: World, event: string): boolean => world.logged.some((line) => line.event === event);

it('the earlier version is not accepted after its correction, nor does it wait any longer', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await using _ingest = s3.watch(world, bucket);
  await bucket.put('act.yml', NAMES_A_LEXICON);
  await eventually(() => has(world, 'set-file-waits'));
  await bucket.put('act.yml', setOf('corrected', 1));
  await eventually(() => has(world, 'set-file-replaced'));
  await eventually(async () => expect(await setNames(world)).toEqual(['corrected']));
});

it('the earlier version is not accepted either if it is replaced while it is being judged, and keeps no money', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await using _answering = world.log.answer(
    lexiconsSubject('polly'),
    async () => {
      await bucket.put('act.yml', setOf('corrected', 1));
      await eventually(async () => (await dealtWith(world)) === 1);
      return { digests: { w3c: 'a'.repeat(64) } };
    },
    (error) => {
      throw error;
    },
  );
  await using _ingest = s3.watch(world, bucket, { env: { ...POLLY, MONTHLY_USD: '100' } });
  await bucket.put('act.yml', NAMES_A_LEXICON);
  await eventually(() => has(world, 'set-file-replaced'));
  expect(await setNames(world)).toEqual(['corrected']);
  const reserved = await world.log.coordination.get<{ setId: string }[]>(RESERVATIONS_KEY);
  expect(reserved?.value.filter(({ setId }) => setId.startsWith('act-'))).toEqual([]);
});

it('a refusal whose report comes late leaves none beside the accepted version', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  let isFull = true;
  const full = withMethod(bucket.store, 'put', (...asked) =>
    isFull ? Promise.reject(new Error('the bucket takes nothing')) : bucket.store.put(...asked),
  );
  await using _ingest = s3.watch(world, bucket, { deps: { inboxAt: () => full } });
  await bucket.put('act.yml', BAD);
  await eventually(() => has(world, 'set-file-waits'));
  await bucket.put('act.yml', setOf('act', 1));
  await eventually(() => has(world, 'set-accepted'));
  isFull = false;
  await eventually(async () => (await dealtWith(world)) === 2);
  expect(await setNames(world)).toEqual(['bad', 'act']);
  expect(await bucket.keys()).toEqual(['act.yml']);
});
