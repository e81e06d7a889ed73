/** A power cut that loses the end of the log but not the projections, which are in another stream. */
import { eventsOf, eventually, keptLog } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { asked, openWorld, type World } from './world.ts';

const set = eventsOf('20260105t090001-k3f9q2', 4);
const other = eventsOf('20260105t090002-k3f9q2', 2);

describe('a log that lost its end', () => {
  test('while no tracker runs still has its sets end, with rebuilt projections', async () => {
    await using world = await openWorld();
    const first = await world.startTracker();
    await world.tell([...asked(set, 4), set.completed(0)]);
    await world.settledProjections();
    const loseEnd = await keptLog(world.nats);
    await world.tell([set.completed(1), set.completed(2)]);
    await world.settledProjections();
    await first.stop();
    await loseEnd();
    await world.startTracker();
    await expectToEnd(world);
  });

  test('and has grown again since does too', async () => {
    await using world = await openWorld();
    const first = await world.startTracker();
    await world.tell([...asked(set, 4), set.completed(0)]);
    const loseEnd = await keptLog(world.nats);
    await world.tell([set.completed(1), set.completed(2)]);
    await world.settledProjections();
    await first.stop();
    await loseEnd();
    await world.tell([...asked(other, 2), set.completed(3)]);
    await world.startTracker();
    await expectToEnd(world);
  });

  test('under a running tracker is noticed', async () => {
    await using world = await openWorld();
    await world.startTracker({ STALL_AFTER: 20_000 });
    await world.tell([...asked(set, 4), set.completed(0)]);
    const loseEnd = await keptLog(world.nats);
    await world.tell([set.completed(1), set.completed(2)]);
    await world.settledProjections();
    await loseEnd();
    await expectToEnd(world);
  });

  test('under a tracker that wakes up after the log has grown past its position is noticed', async () => {
    await using world = await openWorld();
    const tracker = await world.startTrackerProcess({ STALL_AFTER: '1h' });
    await world.tell([...asked(set, 4), set.completed(0)]);
    const loseEnd = await keptLog(world.nats);
    await world.tell([set.completed(1), set.completed(2)]);
    await world.settledProjections();
    process.kill(tracker.pid, 'SIGSTOP');
    await loseEnd();
    await world.tell([3, 1, 2].map((index) => set.completed(index)));
    process.kill(tracker.pid, 'SIGCONT');
    await expectToEnd(world);
  });
});

/** Writes the lost outcomes again, and expects the set to end. */
async function expectToEnd(world: World): Promise<void> {
  await world.tell([1, 2, 3].map((index) => set.completed(index)));
  await eventually(async () => (await world.summary(set.id))?.state === 'completed');
  expect(await world.said('SetCompleted', set.id)).toMatchObject([{ data: { counts: { completed: 4 } } }]);
  const found = await world.settledProjections();
  await world.deleteProjections();
  await world.startTracker();
  await eventually(async () => expect(await world.projections()).toEqual(found));
}
