import { type EventOf, subjectOf, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { rebuildProjections } from '@setlist/sets';
import type { SetEvents } from '@setlist/testkit';
import { eventually } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { askAgain } from '../src/ask-again.ts';
import { eventsOfRun, stateIs, tell } from './tell.ts';
import { asked, openWorld, outcomes, type World } from './world.ts';

/** The requests for second and later attempts, in the log's order. */
async function askedAgain(world: World, setId: string): Promise<EventOf<'ItemRequested'>[]> {
  const found: EventOf<'ItemRequested'>[] = [];
  for await (const { event } of world.log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (event?.name === 'ItemRequested' && event.data.attempt > 1) found.push(event);
  }
  return found;
}

const indexesOf = (requests: readonly EventOf<'ItemRequested'>[]): number[] =>
  requests.map(({ data }) => data.index).sort((a, b) => a - b);

/** Every tenth of a set's items fails. */
const failedOf = (items: number): number[] =>
  Array.from({ length: items }, (_, index) => index).filter((index) => index % 10 === 9);

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
    await stateIs(world, set.id, 'completed');
    const rounds = (await world.said('SetCompleted', set.id)).map(({ data }) => data);
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
    await stateIs(world, set.id, 'completed');
    const [, second] = await world.said('SetCompleted', set.id);
    expect(second?.data).toMatchObject({ round: 2, counts: { completed: ITEMS - 3, failed: 3 } });

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
    ['with some of its requests', (set: SetEvents) => [set.retried(2, 4), set.requested(19, 2)]],
    ['and then paused', (set: SetEvents) => [set.retried(2, 4), set.requested(9, 2), set.paused()]],
    ['with all of them', (set: SetEvents) => [set.retried(2, 4), ...failed.map((n) => set.requested(n, 2))]],
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
    for (const event of [set.retried(2, 4), set.requested(19, 2), set.requested(39, 2)]) {
      const lastSeq = (await world.log.last(subjectOf(event)))?.seq ?? 0;
      // Gives the broker no id by which it could drop a repeat.
      await world.log.append(event, { lastSeq });
    }
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
    await world.tell([set.retried(2, 2, [9, 29]), set.requested(29, 2)]);
    await world.startTracker();
    await eventually(async () => expect(indexesOf(await askedAgain(world, set.id))).toEqual([9, 29]));
  });

  test('does not wait for the retry of a longer set', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker();
    const [long, short] = [await completedSet(world, 1), await completedSet(world, 2)];
    await tracker.stop();
    await world.tell([long.retried(2, 4), short.retried(2, 4)]);
    const { promise, resolve } = Promise.withResolvers<void>();
    const longRequests = subjects.requested(long.id, 'neural');
    await using _asking = askingAgain(world, ({ subject }) => subject === longRequests && promise);
    using _ = { [Symbol.dispose]: resolve };
    await eventually(async () => expect(indexesOf(await askedAgain(world, short.id))).toEqual(failed));
    expect(await askedAgain(world, long.id)).toEqual([]);
  });
});

/** Requests retries again from a log of which the test looks at each record first. */
function askingAgain(world: World, look: (record: Recorded) => unknown): AsyncDisposable {
  const read: EventLog['read'] = async function* (selection) {
    for await (const record of world.log.read(selection)) {
      await look(record);
      yield record;
    }
  };
  const stopping = new AbortController();
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  const running = askAgain({ log: { ...world.log, read }, logger }, stopping.signal);
  running.catch(() => undefined);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  return { [Symbol.asyncDispose]: stop };
}

test('a retry begins before the requests of its set are read to their end, and reads none of the outcomes', async () => {
  await using world = await openWorld();
  const ITEMS = 1_000;
  const set = eventsOfRun(1, ITEMS);
  const failed = failedOf(ITEMS);
  await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS), set.retried(2, failed.length)]);
  await rebuildProjections(world.log);
  await using _ = askingAgain(world, async ({ event }) => {
    if (event?.name === 'ItemCompleted' || event?.name === 'ItemFailed')
      throw new Error('an outcome is read');
    if (event?.name === 'ItemRequested' && event.data.index === 501)
      await eventually(async () => (await askedAgain(world, set.id)).length > 0);
  });
  await eventually(async () => expect(indexesOf(await askedAgain(world, set.id))).toEqual(failed));
});

test('kill -9 of the tracker between SetRetried and the last request loses and repeats nothing', async () => {
  await using world = await openWorld();
  const ITEMS = 2_500;
  const set = eventsOfRun(1, ITEMS);
  const tracker = await world.startTrackerProcess();
  await world.tell(asked(set, ITEMS));
  await world.tell(Array.from({ length: ITEMS }, (_, index) => set.failed(index)));
  await stateIs(world, set.id, 'completed');
  const begun = Promise.withResolvers<void>();
  using _ = world.log.onHint(subjects.requested(set.id, 'neural'), begun.resolve);
  await tell(world, 'retry', set.id, {});
  await begun.promise;
  await tracker.kill9();
  const before = (await askedAgain(world, set.id)).length;
  expect(before, 'the crash came in the middle').toBeLessThan(ITEMS);

  await world.startTrackerProcess();
  await eventually(async () =>
    expect((await askedAgain(world, set.id)).length).toBeGreaterThanOrEqual(ITEMS),
  );
  await world.tell(Array.from({ length: ITEMS }, (_, index) => set.completed(index, 'paid', 2)));
  await eventually(async () => expect(await world.said('SetCompleted', set.id)).toHaveLength(2));
  const again = indexesOf(await askedAgain(world, set.id));
  expect(again).toEqual(Array.from({ length: ITEMS }, (_, index) => index));
  expect(await world.summary(set.id)).toMatchObject({ round: 2, counts: { completed: ITEMS, failed: 0 } });
});
