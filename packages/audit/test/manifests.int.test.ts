/** Whose manifest belongs under a prefix that several runs share: while the last run ends, and while it is retried. */
import { subjects } from '@setlist/contracts';
import { eventually } from '@setlist/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { repair } from '../src/index.ts';
import { paidFor, setOf, soundOfItem, type ToldSet } from './told.ts';
import { commanded, openWorld, startedTracker, type World } from './world.ts';

let world: World;
let earlier: ToldSet;
let later: ToldSet;
/** The earlier run's manifest, as it was before the later one ended. */
let overwritten: { readonly json: Uint8Array; readonly csv: Uint8Array };

const standing = async () => ({
  json: await world.output.get('tour/manifest.json'),
  csv: await world.output.get('tour/manifest.csv'),
});
const manifestIsOf = ({ id }: ToldSet): Promise<unknown> =>
  eventually(async () => {
    const text = Buffer.from((await standing()).json).toString();
    return (JSON.parse(text) as { setId: string }).setId === id;
  });

/** A run that completed without failures; then one of the same name whose only item failed. */
beforeEach(async () => {
  world = await openWorld();
  const { log, store, output } = world;
  earlier = setOf('tour', '20261122t060000-k3f9q2', ['Welcome.'], output);
  later = setOf('tour', '20261122t060001-k3f9q2', ['Welcome.'], output);
  await using _ = await startedTracker(world.nats.url);
  await log.appendAll([earlier.accepted(), earlier.requested(0), ...paidFor(earlier, 0, store)]);
  await Promise.all([
    earlier.keepFile(store),
    earlier.deliver(0),
    soundOfItem(earlier.item(0), store).keep(),
    manifestIsOf(earlier),
  ]);
  overwritten = await standing();
  await log.appendAll([later.accepted(), later.requested(0), later.failed(0)]);
  await manifestIsOf(later);
});
afterEach(() => world[Symbol.asyncDispose]());

async function layOverwritten(): Promise<void> {
  await world.output.put('tour/manifest.csv', overwritten.csv, { contentType: 'text/csv' });
  await world.output.put('tour/manifest.json', overwritten.json, { contentType: 'application/json' });
}

async function retried(): Promise<void> {
  const { log, nats } = world;
  await using _ = await startedTracker(nats.url);
  await eventually(() => commanded(log, { verb: 'retry', setId: later.id }));
  await eventually(async () => {
    const last = await log.last(subjects.requested(later.id, 'neural'));
    return last?.event?.name === 'ItemRequested' && last.event.data.attempt === 2;
  });
}

test('the last run keeps its place while it is retried, with the manifest of the previous round', async () => {
  await retried();
  for (const live of [true, false]) {
    expect(await world.verify({ live })).toMatchObject({ findings: [], manifests: 1 });
  }
});

test('a wrong manifest in the place of a run being retried is found, and repaired to what it was', async () => {
  await retried();
  const before = await standing();
  await layOverwritten();
  const { findings } = await world.verify();
  expect(findings).toMatchObject([{ code: 'manifest-differs', where: { set: later.id } }]);
  await repair(findings, { log: world.log, outputAt: () => world.output });
  expect(await standing()).toEqual(before);
  expect((await world.verify()).findings).toEqual([]);
});

test('the manifest of another run is a fault, except while a tracker may be about to write', async () => {
  await layOverwritten();
  expect((await world.verify({ live: true })).findings).toEqual([]);
  expect((await world.verify()).findings).toMatchObject([
    { code: 'manifest-differs', where: { set: later.id } },
  ]);
});

const TEN_MINUTES_MS = 600_000;

/** What an audit of a running system finds ten minutes later, when no tracker can still be about to write. */
const foundLater = async (log = world.log) => {
  const clock = { ...log.clock, now: () => log.clock.now() + TEN_MINUTES_MS };
  return (await world.verify({ live: true, log: { ...log, clock } })).findings;
};

test('a manifest of another run, or none, is a fault in a running system too, minutes after the set ended', async () => {
  expect(await foundLater()).toEqual([]);
  await layOverwritten();
  expect(await foundLater()).toMatchObject([{ code: 'manifest-differs', where: { set: later.id } }]);
  for (const key of ['tour/manifest.json', 'tour/manifest.csv']) await world.output.delete(key);
  expect((await world.verify({ live: true })).findings).toEqual([]);
  expect(await foundLater()).toMatchObject([{ code: 'manifest-missing', where: { set: later.id } }]);
});

test('a manifest from before the set’s end is a fault in a running system too, minutes after that end', async () => {
  const { log, nats } = world;
  const before = await standing();
  await retried();
  await log.appendAll([later.failed(0, 2)]);
  await using _ = await startedTracker(nats.url);
  await eventually(async () => Buffer.compare((await standing()).json, before.json) !== 0);
  await world.output.put('tour/manifest.json', before.json, { contentType: 'application/json' });
  expect((await world.verify({ live: true })).findings).toEqual([]);
  expect(await foundLater()).toMatchObject([{ code: 'manifest-differs', where: { set: later.id } }]);
});

test('the manifest of a run that ended during the audit is not a fault, however long ago the previous run ended', async () => {
  const { log } = world;
  const accepted = await log.first(subjects.state(later.id));
  const extent = async () => ({ ...(await log.extent()), lastSeq: (accepted?.seq ?? 0) - 1 });
  expect(await foundLater({ ...log, extent })).toEqual([]);
});
