import { itemsPageKey, POSITION_KEY, setKey } from '@setlist/contracts';
import { eventsOf, eventually } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { asked, openWorld, outcomes, type World } from './world.ts';

const ITEMS = 1500;
const set = eventsOf('20260105t090001-k3f9q2', ITEMS);

const completed = (world: World) =>
  eventually(async () => (await world.summary(set.id))?.state === 'completed');

/** Expects one completion, and the same projections as from a tracker that folds the same log undisturbed. */
async function expectAsUndisturbed(world: World): Promise<void> {
  const counts = { total: ITEMS, completed: ITEMS * 0.9, failed: ITEMS * 0.1 };
  const found = await world.said('SetCompleted', set.id);
  expect(found.map(({ data }) => data)).toMatchObject([{ round: 1, counts }]);
  const disturbed = await world.settledProjections();
  await world.deleteProjections();
  await world.startTracker();
  expect(await world.settledProjections()).toEqual(disturbed);
}

describe('two trackers', () => {
  test('on one log complete a set once, with the same projections as one tracker', async () => {
    await using world = await openWorld();
    const trackers = await Promise.all([world.startTracker(), world.startTracker({ FLUSH_EVERY: 31 })]);
    await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS)]);
    await completed(world);
    await Promise.all(trackers.map((tracker) => tracker.stop()));
    await expectAsUndisturbed(world);
  });

  test('continue when one of them stops halfway and another starts', async () => {
    await using world = await openWorld();
    const first = await world.startTracker({ FLUSH_EVERY: 13 });
    const second = await world.startTracker({ FLUSH_EVERY: 29 });
    await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, 500)]);
    await first.stop();
    const third = await world.startTracker({ FLUSH_EVERY: 17 });
    await world.tell(outcomes(set, 500, ITEMS));
    await completed(world);
    await second.stop();
    await third.stop();
    await expectAsUndisturbed(world);
  });

  test('leave each other’s first flush alone, which writes the position last', async () => {
    await using world = await openWorld();
    const first = await world.startTracker();
    await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, 500)]);
    await world.settledProjections();
    await first.stop();
    const { sets } = world.log;
    const [position, page] = await Promise.all([sets.get(POSITION_KEY), sets.get(itemsPageKey(set.id, 0))]);
    await sets.delete(POSITION_KEY);
    await world.startTracker({}, { firstFlushMs: 60_000 });
    await sets.put(POSITION_KEY, position?.value);
    await world.tell(outcomes(set, 500, ITEMS));
    await completed(world);
    // All its items have their outcomes, so only a rebuild would change its revision.
    expect((await sets.get(itemsPageKey(set.id, 0)))?.revision).toBe(page?.revision);
    await expectAsUndisturbed(world);
  });
});

describe('a crash', () => {
  test('of the broker halfway needs no restart of the tracker', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker();
    await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, 700)]);
    await world.nats.kill9();
    await world.nats.restart();
    await world.tell(outcomes(set, 700, ITEMS));
    await completed(world);
    await tracker.stop();
    await expectAsUndisturbed(world);
  });

  test('of the tracker at any moment costs nothing but time', async () => {
    await using world = await openWorld();
    await world.tell(asked(set, ITEMS));
    for (let crash = 0; crash < 3; crash++) {
      const tracker = await world.startTrackerProcess();
      const folded = crash * 500 + 100;
      await world.tell(outcomes(set, crash * 500, crash * 500 + 500));
      await eventually(async () => {
        const { completed = 0, failed = 0 } = (await world.summary(set.id))?.counts ?? {};
        return completed + failed >= folded;
      });
      await tracker.kill9();
    }
    const last = await world.startTrackerProcess();
    await last.waitForLine(/"event":"ready"/);
    await completed(world);
    // The tracker killed last may have completed the set: this one still has to read that.
    await world.settledProjections();
    expect(await last.term()).toEqual({ code: 0, signal: null });
    await expectAsUndisturbed(world);
  });

  test('of the broker does not keep a tracker from stopping', async () => {
    await using world = await openWorld();
    const tracker = await world.startTrackerProcess();
    await tracker.waitForLine(/"event":"ready"/);
    await world.nats.kill9();
    expect(await tracker.term()).toEqual({ code: 0, signal: null });
    await world.nats.restart();
  });
});

test('an event of a set that never began changes nothing', async () => {
  await using world = await openWorld();
  await world.startTracker();
  const orphan = eventsOf('20260105t090009-k3f9q2', 1);
  await world.tell([orphan.requested(0), orphan.completed(0), set.accepted(), set.notified()]);
  await eventually(async () => (await world.summary(set.id))?.chain.events === 2);
  expect(await world.summary(orphan.id)).toBeNull();
});

test('a set whose first event can’t be read is skipped, logged once, and disturbs no other', async () => {
  await using world = await openWorld();
  const settings = { LOG_LEVEL: 'warn' };
  const first = await world.startTrackerProcess(settings);
  const [unread, one, other] = ['7', '8', '9'].map((n) => eventsOf(`20260105t09000${n}-k3f9q2`, 2));
  if (!unread || !one || !other) throw new Error('three sets');
  await world.tellUnreadable(unread.accepted());
  await world.tell([unread.requested(0), unread.completed(0), unread.paused()]);
  await world.tell([...asked(one, 2), one.completed(0), one.completed(1)]);
  await eventually(async () => (await world.summary(one.id))?.state === 'completed');
  expect(await world.summary(unread.id)).toBeNull();
  expect(first.lines.filter((line) => line.includes('"event":"event-before-set"'))).toHaveLength(1);
  await world.settledProjections();
  await first.term();

  const kept = await world.log.sets.get(setKey(one.id));
  const second = await world.startTrackerProcess(settings);
  await world.tell([unread.requested(1), ...asked(other, 2), other.completed(0), other.completed(1)]);
  await eventually(async () => (await world.summary(other.id))?.state === 'completed');
  // A rebuild would change its revision.
  expect((await world.log.sets.get(setKey(one.id)))?.revision).toBe(kept?.revision);
  expect(second.lines.filter((line) => line.includes('projections-lost'))).toEqual([]);
});
