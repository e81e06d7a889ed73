/** A power cut that loses the end of the log but not the projections, which are in another stream. */
import { NOTIFIER_DURABLE, subjects } from '@setlist/contracts';
import type { Recorded } from '@setlist/eventlog';
import { eventsOf, eventually, freeze, keptLog } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { tell } from './tell.ts';
import { asked, askedAgain, indexesOf, limitLog, openWorld, UNLIMITED, type World } from './world.ts';

const set = eventsOf('20260105t090001-k3f9q2', 4);
const other = eventsOf('20260105t090002-k3f9q2', 2);
const LANE_OPTIONS = { fromSeq: 1, ackWaitMs: 60_000, maxUnfinished: 10 };

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

  test('and has grown again since has notifiers and dispatchers start over', async () => {
    await using world = await openWorld();
    const first = await world.startTracker();
    await world.tell([...asked(set, 4), set.completed(0)]);
    const loseEnd = await keptLog(world.nats);
    await world.tell([1, 2, 3].map((index) => set.completed(index)));
    await hears(world, ({ event }) => event?.name === 'SetCompleted');
    await world.log.openLane({ setId: set.id, lane: 'neural' }, LANE_OPTIONS);
    await world.settledProjections();
    await first.stop();
    await loseEnd();
    await world.tell([...asked(other, 2), ...[1, 2, 3].map((index) => set.completed(index))]);
    const hearsOther = hears(world, ({ event }) => event?.setId === other.id);
    await world.startTracker();
    await hearsOther;
    await eventually(async () => (await world.log.existingLanes()).length === 0);
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
    freeze(tracker.pid);
    await loseEnd();
    await world.tell([3, 1, 2].map((index) => set.completed(index)));
    process.kill(tracker.pid, 'SIGCONT');
    await expectToEnd(world);
  });

  test('with a retry that was being requested can be retried again, and has no requests of the lost one', async () => {
    await using world = await openWorld();
    const all = Array.from({ length: 300 }, (_, index) => index);
    const many = eventsOf('20260105t090003-k3f9q2', all.length);
    await world.startTracker();
    await world.tell([...asked(many, all.length), ...all.map((index) => many.failed(index))]);
    await eventually(async () => (await world.summary(many.id))?.state === 'completed');
    const loseEnd = await keptLog(world.nats);
    // There is room for SetRetried and a hundred requests.
    await limitLog(world, (await world.log.head()) + 1 + 100);
    // Once the tracker is connected again.
    await eventually(async () => expect(await tell(world, 'retry', many.id, {})).toMatchObject({ ok: true }));
    await eventually(async () => expect(await askedAgain(world, many.id)).toHaveLength(100));
    await world.settledProjections();
    await loseEnd();
    // Not before the tracker has started over.
    await world.settledProjections();
    expect(await askedAgain(world, many.id)).toEqual([]);
    await limitLog(world, UNLIMITED);

    expect(await tell(world, 'retry', many.id, {})).toMatchObject({ ok: true, items: all.length });
    await eventually(async () => expect(indexesOf(await askedAgain(world, many.id))).toEqual(all));
    await world.tell(all.map((index) => many.completed(index, 'paid', 2)));
    await eventually(async () => expect(await world.said('SetCompleted', many.id)).toHaveLength(2));
    const counts = { completed: all.length, failed: 0, awaited: 0 };
    await eventually(async () => expect(await world.summary(many.id)).toMatchObject({ counts }));
  });

  test('with a retry that was being requested has dispatchers start over, even if no projection shows the loss', async () => {
    await using world = await openWorld();
    const all = [0, 1, 2, 3];
    await world.startTracker({ FLUSH_EVERY: 3_600_000 });
    await world.tell([...asked(set, all.length), ...all.map((index) => set.failed(index))]);
    await eventually(async () => expect(await world.said('SetCompleted', set.id)).toHaveLength(1));
    const loseEnd = await keptLog(world.nats);
    // There is room for SetRetried and two requests.
    await limitLog(world, (await world.log.head()) + 1 + 2);
    await eventually(async () => expect(await tell(world, 'retry', set.id, {})).toMatchObject({ ok: true }));
    await eventually(async () => expect(await askedAgain(world, set.id)).toHaveLength(2));
    await world.log.openLane({ setId: set.id, lane: 'neural' }, LANE_OPTIONS);
    await loseEnd();
    await eventually(async () => (await world.log.existingLanes()).length === 0);
  });
});

/** Listens as notifiers do, until it has heard such a record. */
async function hears({ log }: World, isSuch: (record: Recorded) => boolean): Promise<void> {
  const lives = { durable: NOTIFIER_DURABLE, subjects: [subjects.state('*')], ackWaitMs: 60_000 };
  const inTime = AbortSignal.timeout(60_000);
  for await (const { record, done } of log.durable({ ...lives, from: () => new Date(0) }, inTime)) {
    done();
    if (isSuch(record)) return;
  }
  throw new Error('no such record was heard');
}

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
