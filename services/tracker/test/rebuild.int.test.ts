import { itemsPageKey, POSITION_KEY, SETS_BUCKET, setKey, subjects } from '@setlist/contracts';
import { evolve, Projections, pageOfRecord, takeStock } from '@setlist/sets';
import { eventsOf, eventually, publishRaw } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { asked, openWorld, outcomes, type World } from './world.ts';

const big = eventsOf('20260105t090001-k3f9q2', 1200);
const failing = eventsOf('20260105t090002-k3f9q2', 10);
const rejected = eventsOf('20260105t090003-k3f9q2');
const standing = eventsOf('20260105t090004-k3f9q2', 2);

/** Writes sets of every kind, one of them stalled. @returns their projections once everything is folded */
async function tellAll(world: World): Promise<Record<string, string>> {
  await world.tell(asked(standing, 2));
  await eventually(() => world.stall(standing.id));
  await world.tell([...asked(big, 1200), ...asked(failing, 10), rejected.rejected('Broken')]);
  await world.tell([...outcomes(failing, 0, 10), ...outcomes(big, 0, 1200)]);
  return settled(world);
}

/** The projections once the sets that end have ended, and everything is folded. */
async function settled(world: World): Promise<Record<string, string>> {
  for (const { id } of [big, failing])
    await eventually(async () => (await world.summary(id))?.state === 'completed');
  return world.settledProjections();
}

describe('projections', () => {
  test('are the same byte for byte when their bucket is deleted and they are rebuilt', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ STALL_AFTER: 300 });
    const before = await tellAll(world);
    await tracker.stop();
    const head = await world.log.head();
    await publishRaw(world.nats.url, `$JS.API.STREAM.DELETE.KV_${SETS_BUCKET}`, '');
    await eventually(() => expect(world.projections()).rejects.toThrow('stream not found'));
    await world.startTracker();
    expect(await settled(world)).toEqual(before);
    expect(await world.log.head()).toBe(head);
  });

  test('are the same when only two pages fit into memory and items alternate between more', async () => {
    await using world = await openWorld();
    const first = await world.startTracker({ PAGES_IN_MEMORY: 2 });
    const indices = Array.from(
      { length: 1200 },
      (_, n) => (Math.floor(n / 20) % 3) * 400 + Math.floor(n / 60) * 20 + (n % 20),
    );
    await world.tell([big.accepted(), ...indices.map((index) => big.requested(index))]);
    await world.tell(indices.map((index) => big.completed(index)));
    await eventually(async () => (await world.summary(big.id))?.state === 'completed');
    const before = await world.settledProjections();
    await first.stop();
    await world.deleteProjections();
    await world.startTracker();
    await eventually(async () => expect(await world.projections()).toEqual(before));
  });

  test.each([
    ['a summary', setKey(failing.id)],
    ['a page', itemsPageKey(big.id, 1)],
    ['a page of a set that has not ended', itemsPageKey(standing.id, 0)],
    ['the position', POSITION_KEY],
  ])('are rebuilt at the next start when only %s was deleted', async (_, key) => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ STALL_AFTER: 300 });
    const before = await tellAll(world);
    await tracker.stop();
    await world.log.sets.delete(key);
    await world.startTracker();
    await eventually(async () => expect(await world.projections()).toEqual(before));
  });

  test('are rebuilt if an older version of the fold made them', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ STALL_AFTER: 300 });
    const before = await tellAll(world);
    await tracker.stop();
    await ofAnotherFold(world, 0);
    await world.startTracker();
    await eventually(async () => expect(await world.projections()).toEqual(before));
  });

  test('are left alone if a newer version of the fold made them, and the tracker exits', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ STALL_AFTER: 300 });
    await tellAll(world);
    await tracker.stop();
    await ofAnotherFold(world, 1_000);
    const before = await world.projections();
    await using older = await world.startTrackerProcess();
    expect((await older.exited).code).toBe(1);
    expect(older.lines.join()).toContain('setlist audit verify --repair');
    expect(await world.projections()).toEqual(before);
  });

  test.each([
    ['a summary', setKey(standing.id)],
    ['a page that is not needed before its set continues', itemsPageKey(standing.id, 0)],
    ['the position', POSITION_KEY],
  ])('are rebuilt if %s was overwritten with invalid JSON', async (_, key) => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ STALL_AFTER: 300 });
    await tellAll(world);
    await tracker.stop();
    await world.tellDocument(key, '{"setId":');
    await world.startTracker();
    await world.tell([standing.completed(0)]);
    const found = await eventually(() => settled(world));
    await world.deleteProjections();
    await world.startTracker();
    await eventually(async () => expect(await world.projections()).toEqual(found));
  });

  test.each([
    ['a summary', '{}', setKey(standing.id)],
    ['a summary', '{"lastSeq":"5"}', setKey(standing.id)],
    ['the position', 'null', POSITION_KEY],
  ])('are rebuilt at the next start if %s was overwritten with %s', async (_, text, key) => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ STALL_AFTER: 300 });
    const before = await tellAll(world);
    await tracker.stop();
    await world.tellDocument(key, text);
    await world.startTracker();
    await eventually(async () => expect(await world.projections()).toEqual(before));
  });

  test('are rebuilt when deleted under a running tracker, as soon as it reads another event', async () => {
    await using world = await openWorld();
    await world.startTracker({ STALL_AFTER: 300 });
    await tellAll(world);
    await world.deleteProjections();
    await world.tell([failing.notified()]);
    await eventually(async () => expect(Object.keys(await settled(world))).toHaveLength(4 + 5 + 1));
    const ofSet = await Array.fromAsync(world.log.read({ subjects: [subjects.ofSet(failing.id)] }));
    expect((await world.summary(failing.id))?.chain.events).toBe(ofSet.length);
  });

  test('that were deleted are not restored by a tracker that still has them in memory', async () => {
    await using world = await openWorld();
    const memory = new Projections(world.log.sets, 10);
    await world.tell([...asked(standing, 2), standing.completed(0)]);
    await foldFurther(world, memory);
    await memory.flush();
    await world.log.sets.deleteAll();
    await world.tell([standing.completed(1)]);
    await foldFurther(world, memory);
    await expect(memory.flush()).rejects.toThrow('the projections were deleted');
    expect(await world.projections()).toEqual({});
  });

  test('that a lagging node does not list are not taken for lost, and are deleted with the others', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ STALL_AFTER: 300 });
    const before = await tellAll(world);
    await tracker.stop();
    const lacking = [setKey(failing.id), itemsPageKey(big.id, 1), itemsPageKey(standing.id, 0)];
    const listed = Object.keys(before).filter((key) => !lacking.includes(key));
    const sets = { ...world.log.sets, keys: async () => listed };
    await takeStock({ ...world.log, sets }, new Projections(sets, 10));
    await sets.deleteAll();
    expect(await world.projections()).toEqual({});
  });

  test('whose position was deleted are logged as checked again, and as rebuilt only then', async () => {
    await using world = await openWorld();
    const tracker = await world.startTrackerProcess();
    await world.tell(asked(standing, 2));
    await world.settledProjections();
    await world.log.sets.delete(POSITION_KEY);
    await world.tell([standing.completed(0)]);
    const said = (code: string): string[] => tracker.lines.filter((line) => line.includes(`"${code}"`));
    await eventually(() => said('projections-lost').length > 0);
    expect(said('projections-went-back').join()).toContain(
      'Checking the projections again: position went back',
    );
    expect(said('projections-went-back').join()).not.toContain('Rebuilding');
    expect(said('projections-lost').join()).toContain('Rebuilding all projections: position is missing');
  });

  // A tracker that can read a set's first event, unlike the tracker before it, finds the same.
  test('are rebuilt when only a summary is missing, even if the set’s life has just continued', async () => {
    await using world = await openWorld();
    await world.startTracker({ STALL_AFTER: 300 });
    await tellAll(world);
    await world.log.sets.delete(setKey(failing.id));
    // With the first of these events the tracker drops ended sets from memory.
    await world.tell([standing.notified(), failing.retried(2, 1)]);
    await eventually(async () => expect(await world.summary(failing.id)).toMatchObject({ round: 2 }));
    expect((await world.summary(failing.id))?.chain.events).toBeGreaterThanOrEqual(23);
  });

  test('are rebuilt when only a page is missing, and one of its items is requested again', async () => {
    await using world = await openWorld();
    await world.startTracker({ STALL_AFTER: 300 });
    await tellAll(world);
    await world.log.sets.delete(itemsPageKey(failing.id, 0));
    await world.tell([standing.notified(), failing.retried(2, 1), failing.requested(9, 2)]);
    await world.tell([failing.completed(9, 'paid', 2)]);
    await eventually(async () =>
      expect(await world.summary(failing.id)).toMatchObject({
        state: 'completed',
        round: 2,
        counts: { total: 10, requested: 10, completed: 10, failed: 0, awaited: 0 },
      }),
    );
  });

  test('are the same after several stops and restarts as without any', async () => {
    await using world = await openWorld();
    await world.tell(asked(standing, 2));
    for (let stop = 0; stop < 4; stop++) {
      const tracker = await world.startTracker({ STALL_AFTER: 300 });
      await world.tell([...outcomes(big, 300 * stop, 300 * stop + 300)].slice(0, stop === 0 ? 0 : undefined));
      if (stop === 0)
        await world.tell([...asked(big, 1200), ...asked(failing, 10), ...outcomes(big, 0, 300)]);
      await tracker.stop();
    }
    await world.tell(outcomes(failing, 0, 10));
    const last = await world.startTracker({ STALL_AFTER: 300 });
    await eventually(() => world.stall(standing.id));
    const stopped = await settled(world);
    await last.stop();
    await world.deleteProjections();
    await world.startTracker();
    expect(await settled(world)).toEqual(stopped);
  });
});

/** Folds into memory only. */
async function foldFurther({ log }: World, projections: Projections): Promise<void> {
  const from = (projections.position?.lastSeq ?? 0) + 1;
  for await (const record of log.read({ subjects: [subjects.ofAllSets()], from })) {
    const state = await projections.load(standing.id, pageOfRecord(record));
    projections.keep(standing.id, evolve(state, record));
    projections.cameTo(record);
  }
}

/** Makes the projections look like another version's, with different content. */
async function ofAnotherFold({ log: { sets } }: World, fold: number): Promise<void> {
  for (const [key, change] of [
    [setKey(failing.id), { costUsd: '0.00' }],
    [POSITION_KEY, { fold }],
  ] as const) {
    const document = await sets.get<object>(key);
    await sets.put(key, { ...document?.value, ...change });
  }
}
