import { eventsOf, eventually } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { asked, openWorld, outcomes } from './world.ts';

const run = (n: number): string => `20260105t09000${n}-k3f9q2`;

describe('completion', () => {
  test('is reported once, and at once: it does not wait for projections to be written', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ FLUSH_EVERY: 60_000 });
    const set = eventsOf(run(1), 20);
    await world.tell([...asked(set, 20), ...outcomes(set, 0, 20)]);
    const [completed] = await eventually(async () => {
      const found = await world.said('SetCompleted', set.id);
      return found.length > 0 && found;
    });
    expect(completed?.data).toMatchObject({
      round: 1,
      counts: { total: 20, completed: 18, failed: 2, paid: 18 },
      billedCharacters: 1800,
      costUsd: '0.0288',
      chain: { events: 41 },
    });
    expect((await world.summary(set.id))?.state).not.toBe('completed');
    await tracker.stop();

    await world.startTracker();
    await world.tell([set.notified()]);
    await eventually(async () => (await world.summary(set.id))?.chain.events === 43);
    expect(await world.summary(set.id)).toMatchObject({
      state: 'completed',
      endedAt: completed?.data.endedAt,
    });
    expect(await world.said('SetCompleted', set.id)).toHaveLength(1);
  });

  test('is reported once for each of many sets that end together', async () => {
    await using world = await openWorld();
    await world.startTracker();
    const sets = Array.from({ length: 9 }, (_, n) => eventsOf(run(n), 5));
    await world.tell(sets.flatMap((set) => [...asked(set, 5)]));
    await world.tell([0, 1, 2, 3, 4].flatMap((n) => sets.flatMap((set) => [...outcomes(set, n, n + 1)])));
    for (const { id } of sets) {
      await eventually(async () => (await world.summary(id))?.state === 'completed');
      expect(await world.said('SetCompleted', id)).toHaveLength(1);
    }
  });

  test('is reported at the next start if no tracker ran when the last item ended', async () => {
    await using world = await openWorld();
    const set = eventsOf(run(1), 5);
    const tracker = await world.startTracker();
    await world.tell([...asked(set, 5), ...outcomes(set, 0, 4)]);
    await eventually(async () => (await world.summary(set.id))?.counts.awaited === 1);
    await tracker.stop();
    await world.tell(outcomes(set, 4, 5));
    await world.startTracker();
    await eventually(async () => (await world.summary(set.id))?.state === 'completed');
    expect(await world.said('SetCompleted', set.id)).toHaveLength(1);
  });
});

describe('a stall', () => {
  test('is reported once, and its end is reported when the set moves, before it completes', async () => {
    await using world = await openWorld();
    await world.startTracker({ STALL_AFTER: 400 });
    const set = eventsOf(run(1), 2);
    await world.tell(asked(set, 2));
    const stalled = await eventually(() => world.stall(set.id));
    const { moved } = (await world.summary(set.id)) ?? {};
    expect(stalled).toEqual({ sinceSeq: 3, since: moved?.at });
    const [said] = await world.said('SetStalled', set.id);
    expect(said?.data).toMatchObject(stalled);
    expect(said?.data.quietMs).toBeGreaterThanOrEqual(400);
    expect((said?.record.time.getTime() ?? 0) - Date.parse(stalled.since)).toBeGreaterThanOrEqual(399);

    await world.tell([set.completed(0), set.completed(1)]);
    await eventually(async () => (await world.summary(set.id))?.state === 'completed');
    const [unstalled] = await world.said('SetUnstalled', set.id);
    const [completed] = await world.said('SetCompleted', set.id);
    expect(unstalled?.data).toMatchObject({ stalledSinceSeq: 3, movedBySeq: 5 });
    expect(unstalled?.record.seq).toBeLessThan(completed?.record.seq ?? 0);
    expect(await world.said('SetStalled', set.id)).toHaveLength(1);
  });

  test('of a set without further events is noticed by a tracker that starts later', async () => {
    await using world = await openWorld();
    const set = eventsOf(run(1), 2);
    const tracker = await world.startTracker();
    await world.tell(asked(set, 2));
    await eventually(async () => (await world.summary(set.id))?.counts.requested === 2);
    await tracker.stop();
    await world.startTracker({ STALL_AFTER: 100 });
    await eventually(() => world.stall(set.id));
    expect(await world.said('SetStalled', set.id)).toHaveLength(1);
  });

  test('does not count the time in which everything was off: sets get time to move', async () => {
    await using world = await openWorld();
    const [still, moving] = [eventsOf(run(1), 1), eventsOf(run(2), 1)];
    const tracker = await world.startTracker();
    await world.tell([...asked(still, 1), ...asked(moving, 1)]);
    const { moved } = await eventually(() => world.summary(moving.id));
    await tracker.stop();
    const STALL_AFTER = 1_500;
    await eventually(() => world.log.clock.now() > Date.parse(moved.at) + STALL_AFTER);
    const startedAt = world.log.clock.now();
    await world.startTracker({ STALL_AFTER });
    await world.tell([moving.completed(0)]);
    const [said] = await eventually(async () => {
      const found = await world.said('SetStalled', still.id);
      return found.length > 0 && found;
    });
    const clocksDifferMs = 50;
    expect((said?.record.time.getTime() ?? 0) - startedAt).toBeGreaterThan(STALL_AFTER - clocksDifferMs);
    expect(await world.said('SetStalled', moving.id)).toEqual([]);
    await eventually(async () => expect(await world.said('SetCompleted', moving.id)).toHaveLength(1));
  });

  test('is reported for no set that has ended, is paused, or moved in events not folded yet', async () => {
    await using world = await openWorld();
    const [done, paused, moving] = [eventsOf(run(1), 1), eventsOf(run(2), 1), eventsOf(run(3), 1000)];
    const tracker = await world.startTracker();
    await world.tell([
      ...asked(done, 1),
      done.completed(0),
      ...asked(paused, 1),
      paused.paused(),
      ...asked(moving, 1000),
    ]);
    await eventually(async () => (await world.summary(moving.id))?.counts.requested === 1000);
    await eventually(async () => (await world.summary(done.id))?.state === 'completed');
    await tracker.stop();
    await world.tell(outcomes(moving, 0, 999));
    await world.startTracker({ STALL_AFTER: 1_000 });
    // The set that moved is stalled a second after its last item, not before; by then the others have been checked.
    const [stalled] = await eventually(async () => {
      const found = await world.said('SetStalled', moving.id);
      return found.length > 0 && found;
    });
    expect(stalled?.data.counts).toMatchObject({ completed: 900, failed: 99 });
    expect(await world.said('SetStalled', done.id)).toEqual([]);
    expect(await world.said('SetStalled', paused.id)).toEqual([]);
  });
});
