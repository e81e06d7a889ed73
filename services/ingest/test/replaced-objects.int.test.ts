/** An object that is replaced while its earlier version still waits. */
import { lexiconsSubject } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { dealtWith, setNames, withBuckets } from './bucket-world.ts';
import { setOf, startWorld } from './world.ts';

const s3 = withBuckets();

it('a late refusal of the earlier version leaves no report beside the accepted one', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  await using _ingest = s3.watch(world, bucket);
  await bucket.put('act.yml', 'set:\n  name: act\nitems:\n  - text: W3C\n    lexicons: [gone]\n');
  await eventually(() => world.logged.some(({ event }) => event === 'set-file-waits'));
  await bucket.put('act.yml', setOf('act', 1));
  await eventually(async () => (await dealtWith(world)) === 1);
  await using _answering = world.log.answer(
    lexiconsSubject('local'),
    async () => ({ digests: {} }),
    (error) => {
      throw error;
    },
  );
  await eventually(async () => (await dealtWith(world)) === 2);
  expect(await setNames(world)).toEqual(['act', 'act']);
  expect((await world.lives()).map(({ name }) => name)).toEqual(['SetAccepted', 'SetRejected']);
  expect(world.logged.some(({ event }) => event === 'set-rejected')).toBe(true);
  expect(await bucket.keys()).toEqual(['act.yml']);
});
