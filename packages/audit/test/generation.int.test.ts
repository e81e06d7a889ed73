import { join } from 'node:path';
import { setKey, subjects } from '@setlist/contracts';
import { openEventLog, openMaintenance } from '@setlist/eventlog';
import { startNats } from '@setlist/testkit';
import { expect, test } from 'vitest';
import {
  allSetsAsOf,
  backUp,
  beginGeneration,
  forgetProjections,
  replay,
  Snapshots,
  setAsOf,
  setsToArchive,
} from '../src/index.ts';
import type { ReplayOptions } from '../src/replay/replay.ts';
import { rawNats } from './raw-nats.ts';
import { soundOfItem } from './told.ts';
import { openWorld, tellHistory, type World } from './world.ts';

/** The next generation of a world's log, without the given sets, on its own broker. */
async function nextGeneration(world: World, setIds: readonly string[]) {
  await using stack = new AsyncDisposableStack();
  const folder = join(world.folder, 'backup');
  const live = stack.use(await openMaintenance({ servers: world.nats.url, name: 'backup' }));
  await backUp(live, folder, new Date());
  const { url } = stack.use(await startNats());
  const next = stack.use(await openMaintenance({ servers: url, name: 'next' }));
  const leftOut = await beginGeneration(next, folder, setIds);
  const log = stack.use(await openEventLog({ servers: url, name: 'next' }));
  await forgetProjections(log, setIds);
  const open = stack.move();
  return { log, url, leftOut, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

test('a new generation lacks only the archived sets: the rest keeps its place, and payments stay known', async () => {
  await using world = await openWorld();
  const { tour, guide, refused } = await tellHistory(world);
  const { sets: ended } = await setsToArchive(world.log, new Date());
  expect(ended).toEqual([refused.id, tour.id]);
  await using next = await nextGeneration(world, ended);
  const { log, leftOut, url } = next;

  const extent = await log.extent();
  expect(extent).toMatchObject({ generation: 2, archived: { events: leftOut, upToSeq: extent.lastSeq } });
  expect(await log.last(subjects.state(tour.id))).toBeUndefined();
  expect(await log.sets.get(setKey(tour.id))).toBeUndefined();
  expect(await log.last(subjects.state(guide.id))).toEqual(await world.log.last(subjects.state(guide.id)));
  const sound = subjects.sound(soundOfItem(tour.item(0), world.store).hash);
  expect((await log.last(sound))?.event?.name).toBe('SoundPaid');
  expect(await log.last(sound)).toEqual(await world.log.last(sound));
  const { findings, generation } = await world.verify({ log });
  expect({ findings, generation }).toEqual({ findings: [], generation: 2 });

  await log.appendAll([guide.notified(`${guide.id}/accepted`, 'SetAccepted')]);
  expect(await log.head()).toBe(extent.lastSeq + 1);
  await using raw = await rawNats(url);
  const purge = raw.request('$JS.API.STREAM.PURGE.SETLIST_EVENTS', '');
  await expect(purge, 'the promises are in force again').rejects.toThrow(/purge/);
  const removal = raw.request('$JS.API.STREAM.MSG.DELETE.SETLIST_EVENTS', `{"seq":${extent.lastSeq}}`);
  await expect(removal).rejects.toThrow(/delete/);
});

test('a new generation has the lanes of the sets that stayed, and none of the archived ones', async () => {
  await using world = await openWorld();
  const { guide, tour } = await tellHistory(world);
  const lane = { fromSeq: 1, ackWaitMs: 60_000, maxUnfinished: 8 };
  for (const { id: setId } of [guide, tour]) await world.log.openLane({ setId, lane: 'neural' }, lane);
  await using next = await nextGeneration(world, [tour.id]);
  expect((await next.log.existingLanes()).map(({ setId }) => setId)).toEqual([guide.id]);
});

test('a log whose sets are all archived has only its ledger, and passes the audit', async () => {
  await using world = await openWorld();
  const { refused, tour } = await tellHistory(world, { guide: false });
  await using next = await nextGeneration(world, [refused.id, tour.id]);
  const { findings, sets } = await world.verify({ log: next.log });
  expect({ findings, sets }).toEqual({ findings: [], sets: 0 });
});

test('snapshots of the previous generation are not used, and are replaced', async () => {
  await using world = await openWorld();
  const { guide, tour } = await tellHistory(world);
  await world.verify({ every: 5 });
  await using next = await nextGeneration(world, [tour.id]);
  const { log } = next;

  const here = { seq: await log.head() };
  const { findings } = await world.verify({ log, every: 5 });
  expect(findings).toEqual([]);
  const look = await allSetsAsOf(log, here, world.snapshots);
  expect(look.fromSnapshot).toBeGreaterThan(0);
  expect(look.sets.map(({ setId }) => setId)).not.toContain(tour.id);
  expect(look.sets.map(({ setId }) => setId)).toContain(guide.id);
  expect(look.sets).toEqual((await allSetsAsOf(log, here, new Snapshots(join(world.folder, 'none')))).sets);
});

test('a look at a time before an archive says how much is archived; one after it, or at a set that stayed, does not', async () => {
  await using world = await openWorld();
  const { guide, tour } = await tellHistory(world);
  await using next = await nextGeneration(world, [tour.id]);
  const { log, leftOut } = next;
  const upToSeq = await log.head();
  for (const seq of [1, upToSeq]) {
    const look = await allSetsAsOf(log, { seq }, world.snapshots);
    expect(look.archived).toMatchObject({ events: leftOut, upToSeq });
  }
  expect(await setAsOf(log, { seq: upToSeq }, guide.id)).not.toHaveProperty('archived');
  await log.appendAll([guide.notified(`${guide.id}/accepted`, 'SetAccepted')]);
  expect(await allSetsAsOf(log, { seq: upToSeq + 1 }, world.snapshots)).not.toHaveProperty('archived');
  expect(await allSetsAsOf(world.log, { seq: 1 }, world.snapshots)).not.toHaveProperty('archived');
});

test('a replay of a range with archived events says so first; one after them, or of a single set, does not', async () => {
  await using world = await openWorld();
  const { guide, tour } = await tellHistory(world);
  const timeAt = async (seq: number) => (await world.log.at(seq))?.time ?? new Date(0);
  await using next = await nextGeneration(world, [tour.id]);
  const { log, leftOut } = next;
  const upToSeq = await log.head();
  await log.appendAll([guide.notified(`${guide.id}/accepted`, 'SetAccepted')]);
  const later = await log.at(upToSeq + 1);
  if (!later) throw new Error('a notice was appended');
  const toldOf = async (options: ReplayOptions) => {
    const told: unknown[] = [];
    for await (const line of replay(log, { ...options, onArchived: (archived) => told.push(archived) }))
      told.push(line.length > 0);
    return told;
  };
  const last = (await world.log.last(subjects.state(tour.id)))?.seq ?? 0;
  for (const from of [
    undefined,
    { seq: 1 },
    { seq: upToSeq },
    { time: new Date(0) },
    { time: await timeAt(last) },
  ])
    expect((await toldOf({ from }))[0], JSON.stringify(from)).toMatchObject({ events: leftOut, upToSeq });
  for (const options of [{ from: { seq: upToSeq + 1 } }, { from: { time: later.time } }, { setId: guide.id }])
    expect(new Set(await toldOf(options)), JSON.stringify(options)).toEqual(new Set([true]));
});
