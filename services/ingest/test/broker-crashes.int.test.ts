/** What remains after a crash of the broker in the middle of a set. */
import { eventually } from '@setlist/testkit';
import { expect, it } from 'vitest';
import { startStoppingRelay } from './stopping-relay.ts';
import { startWorld, underWay, upTo } from './world.ts';

it('loses no item when the broker is killed in the middle of 4,000', async () => {
  await using world = await startWorld();
  const items = 4_000;
  await using _ingest = await world.ingest();
  const id = await underWay(world, items, 1_000);
  await world.nats.kill9();
  await world.nats.restart();
  await eventually(async () => (await world.files('done')).includes('large.yml'));
  expect(new Set(await world.requested(id))).toEqual(new Set(upTo(items)));
});

it('ends on SIGTERM in the middle of a set even if the broker is gone, and continues at the next start', async () => {
  await using world = await startWorld();
  const items = 4_000;
  await using relay = await startStoppingRelay(world.nats.url);
  const first = await world.process({ NATS_URL: relay.url });
  const id = await underWay(world, items, 1_000);
  await world.nats.kill9();
  expect(await first.term()).toEqual({ code: 0, signal: null });
  await world.nats.restart();
  expect(await world.files('.claimed')).toHaveLength(1);
  await using _second = await world.process();
  await eventually(async () => (await world.files('done')).includes('large.yml'));
  expect(new Set(await world.requested(id))).toEqual(new Set(upTo(items)));
});
