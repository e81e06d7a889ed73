/** Large set files in buckets, which wait only for each other. */
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { largeSetOf, neverReadsLarge, setNames, withBuckets } from './bucket-world.ts';
import { setOf, startWorld, upTo } from './world.ts';

const s3 = withBuckets();

it('a small set file in a bucket overtakes any number of large ones that came before it', async () => {
  await using world = await startWorld();
  const bucket = await s3.create();
  for (const n of upTo(20)) await bucket.put(`a-large-${n}.yml`, largeSetOf(`large-${n}`));
  await bucket.put('small.yml', setOf('small', 5));
  await using _ingest = s3.watch(world, bucket, { deps: { open: neverReadsLarge } });
  await eventually(async () => expect(await setNames(world)).toEqual(['small']));
});
