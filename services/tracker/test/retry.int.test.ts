import type { SetEvents } from '@setlist/testkit';
import { eventually } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { eventsOfRun, stateIs, tell } from './tell.ts';
import {
  asked,
  askedAgain,
  failedOf,
  indexesOf,
  limitLog,
  openWorld,
  outcomes,
  requestedAgain,
  tellWithoutIds,
  UNLIMITED,
  type World,
} from './world.ts';

describe('a retry', () => {
  const ITEMS = 40;
  const failed = failedOf(ITEMS);

  async function completedSet(world: World, n: number): Promise<SetEvents> {
    const set = eventsOfRun(n, ITEMS);
    await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS)]);
    await stateIs(world, set.id, 'completed');
    return set;
  }

  test('requests the failed items again, unchanged, and completes the next round', async () => {
    await using world = await openWorld();
    await Promise.all([world.startTracker(), world.startTracker()]);
    const set = await completedSet(world, 1);
    const answer = await tell(world, 'retry', set.id, { why: 'the network is back' });
    expect(answer).toMatchObject({ ok: true, did: 'SetRetried', items: failed.length, already: false });
    const requests = await eventually(async () => {
      const found = await askedAgain(world, set.id);
      return found.length === failed.length && found;
    });
    expect(await tell(world, 'retry', set.id, {})).toEqual({ ...answer, already: true });
    expect(indexesOf(requests)).toEqual(failed);
    for (const { data, source, causationId } of requests) {
      expect(data).toEqual({ ...set.requested(data.index).data, attempt: 2 });
      expect({ source, causationId }).toEqual({
        source: '/setlist/tracker',
        causationId: `${set.id}/retried/2`,
      });
    }
    await world.tell(failed.map((index) => set.completed(index, 'paid', 2)));
    const rounds = await eventually(async () => {
      const found = await world.said('SetCompleted', set.id);
      return found.length > 1 && found.map(({ data }) => data);
    });
    expect(rounds).toMatchObject([
      { round: 1, counts: { failed: failed.length } },
      { round: 2, counts: { completed: ITEMS, failed: 0 } },
    ]);
    expect(await tell(world, 'retry', set.id, {})).toMatchObject({ ok: false, code: 'nothing-failed' });
  });

  test('of named items requests only those', async () => {
    await using world = await openWorld();
    await world.startTracker();
    const set = await completedSet(world, 1);
    expect(await tell(world, 'retry', set.id, { indexes: [9, 10] })).toMatchObject({
      ok: false,
      code: 'not-failed',
    });
    expect(await tell(world, 'retry', set.id, { indexes: [39, 9] })).toMatchObject({ ok: true, items: 2 });
    await eventually(async () => expect(indexesOf(await askedAgain(world, set.id))).toEqual([9, 39]));
    await world.tell([set.completed(9, 'paid', 2), set.failed(39, 2)]);
    const second = await eventually(async () => (await world.said('SetCompleted', set.id))[1] ?? null);
    expect(second.data).toMatchObject({ round: 2, counts: { completed: ITEMS - 3, failed: 3 } });

    expect(await tell(world, 'retry', set.id, {})).toMatchObject({ ok: true, items: 3 });
    await eventually(async () => expect(await askedAgain(world, set.id)).toHaveLength(5));
    const third = (await askedAgain(world, set.id)).slice(2);
    const attempts = third.map(({ data }) => [data.index, data.attempt]).sort(([a = 0], [b = 0]) => a - b);
    expect(attempts).toEqual([
      [19, 2],
      [29, 2],
      [39, 3],
    ]);
  });

  test('leaves out an item whose request can’t be read, so that its round ends', async () => {
    await using world = await openWorld();
    await world.startTracker();
    const set = eventsOfRun(1, 3);
    await world.tell([set.accepted(), set.requested(0)]);
    await world.tellUnreadable(set.requested(1));
    const unreadable = set.failed(1, 1, 'unreadable-request');
    await world.tell([set.requested(2), set.failed(0), unreadable, set.completed(2)]);
    await stateIs(world, set.id, 'completed');
    const refusal = { ok: false, code: 'unreadable-request' };
    expect(await tell(world, 'retry', set.id, { indexes: [0, 1] })).toMatchObject(refusal);
    expect(await tell(world, 'retry', set.id, {})).toMatchObject({ ok: true, items: 1 });
    await eventually(async () => expect(indexesOf(await askedAgain(world, set.id))).toEqual([0]));
    await world.tell([set.completed(0, 'paid', 2)]);
    await eventually(async () => expect(await world.said('SetCompleted', set.id)).toHaveLength(2));
    await stateIs(world, set.id, 'completed');
    expect(await tell(world, 'retry', set.id, {})).toMatchObject(refusal);
  });

  test.each([
    ['with none of its requests', (set: SetEvents) => [set.retried(2, 4)]],
    ['with some of its requests', (set: SetEvents) => [set.retried(2, 4), requestedAgain(set, 19)]],
    ['and then paused', (set: SetEvents) => [set.retried(2, 4), requestedAgain(set, 9), set.paused()]],
    [
      'with all of them',
      (set: SetEvents) => [set.retried(2, 4), ...failed.map((n) => requestedAgain(set, n))],
    ],
  ])('that was left %s is completed by the next tracker, each item once', async (_, left) => {
    await using world = await openWorld();
    const first = await world.startTracker();
    const set = await completedSet(world, 1);
    const untouched = await completedSet(world, 2);
    await first.stop();
    await world.tell(left(set));
    await world.startTracker();
    await eventually(async () => expect(indexesOf(await askedAgain(world, set.id))).toEqual(failed));
    await eventually(async () => expect((await world.summary(set.id))?.counts.awaited).toBe(failed.length));
    expect(await askedAgain(world, untouched.id)).toEqual([]);
  });

  test('that was left half requested so long ago that the broker forgot the ids is completed, each item once', async () => {
    await using world = await openWorld();
    const first = await world.startTracker();
    const set = await completedSet(world, 1);
    await first.stop();
    await tellWithoutIds(world, [set.retried(2, 4), requestedAgain(set, 19), requestedAgain(set, 39)]);
    await world.startTracker();
    await eventually(async () => {
      expect(new Set(indexesOf(await askedAgain(world, set.id)))).toEqual(new Set(failed));
      expect((await world.summary(set.id))?.counts.awaited).toBe(failed.length);
    });
    expect(indexesOf(await askedAgain(world, set.id))).toEqual(failed);
  });

  test('of named items that was left half requested is completed with only those', async () => {
    await using world = await openWorld();
    const first = await world.startTracker();
    const set = await completedSet(world, 1);
    await first.stop();
    await world.tell([set.retried(2, 2, [9, 29]), requestedAgain(set, 29)]);
    await world.startTracker();
    await eventually(async () => expect(indexesOf(await askedAgain(world, set.id))).toEqual([9, 29]));
  });
});

test('kill -9 of the tracker between SetRetried and the last request loses and repeats nothing', async () => {
  await using world = await openWorld();
  const ITEMS = 2_500;
  const set = eventsOfRun(1, ITEMS);
  const tracker = await world.startTrackerProcess();
  await world.tell(asked(set, ITEMS));
  await world.tell(Array.from({ length: ITEMS }, (_, index) => set.failed(index)));
  await stateIs(world, set.id, 'completed');
  // There is room for SetRetried and a hundred requests.
  await limitLog(world, (await world.log.head()) + 1 + 100);
  await tell(world, 'retry', set.id, {});
  await eventually(async () => expect(await askedAgain(world, set.id)).toHaveLength(100));
  await tracker.kill9();
  await limitLog(world, UNLIMITED);

  await world.startTrackerProcess();
  await eventually(async () =>
    expect((await askedAgain(world, set.id)).length).toBeGreaterThanOrEqual(ITEMS),
  );
  await world.tell(Array.from({ length: ITEMS }, (_, index) => set.completed(index, 'paid', 2)));
  await eventually(async () => expect(await world.said('SetCompleted', set.id)).toHaveLength(2));
  const again = indexesOf(await askedAgain(world, set.id));
  expect(again).toEqual(Array.from({ length: ITEMS }, (_, index) => index));
  const counts = { completed: ITEMS, failed: 0 };
  await eventually(async () => expect(await world.summary(set.id)).toMatchObject({ round: 2, counts }));
});
