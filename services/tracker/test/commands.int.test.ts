import {
  type Command,
  type CommandAnswer,
  commandAnswer,
  commandSubject,
  type EventOf,
  type SetSummary,
  subjects,
  type Verb,
} from '@setlist/contracts';
import { NobodyAnswers } from '@setlist/eventlog';
import { eventually } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { eventsOf, type SetEvents } from './histories.ts';
import { asked, openWorld, outcomes, type World } from './world.ts';

const eventsOfRun = (n: number, items: number): SetEvents => eventsOf(`20260105t09000${n}-k3f9q2`, items);

type Rest<V extends Verb> = Omit<Extract<Command, { verb: V }>, 'verb' | 'setId' | 'who'>;

async function tell<V extends Verb>(
  world: World,
  verb: V,
  setId: string,
  rest: Rest<V>,
): Promise<CommandAnswer> {
  const command = { verb, setId, who: 'jane@desk', ...rest };
  return commandAnswer.parse(await world.log.ask(commandSubject(verb), command, 20_000));
}

const stateIs = (world: World, setId: string, state: SetSummary['state']) =>
  eventually(async () => (await world.summary(setId))?.state === state);

/** The requests of a set's later attempts, in the log's order. */
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

describe('a set is steered', () => {
  test('through its life, and each command repeated changes nothing', async () => {
    await using world = await openWorld();
    await world.startTracker();
    const set = eventsOfRun(1, 3);
    await world.tell(asked(set, 3));
    const twice = async <V extends Verb>(verb: V, rest: Rest<V>): Promise<void> => {
      const first = await tell(world, verb, set.id, rest);
      expect(first).toMatchObject({ ok: true, already: false });
      expect(await tell(world, verb, set.id, rest)).toEqual({ ...first, already: true });
    };
    await twice('pause', { why: 'the voice is wrong' });
    await stateIs(world, set.id, 'paused');
    await twice('prioritize', { priority: 'low' });
    await twice('resume', {});
    await stateIs(world, set.id, 'running');
    expect(await world.summary(set.id)).toMatchObject({ priority: 'low' });
    await world.tell([set.completed(0)]);
    await eventually(async () => (await world.summary(set.id))?.counts.completed === 1);
    await twice('cancel', {});
    await stateIs(world, set.id, 'cancelled');

    const [paused] = await world.said('SetPaused', set.id);
    expect(paused?.data).toMatchObject({ who: 'jane@desk', why: 'the voice is wrong', afterSeq: 1 });
    const [cancelled] = await world.said('SetCancelled', set.id);
    expect(cancelled?.data.counts).toMatchObject({ total: 3, completed: 1 });
    for (const name of ['SetPaused', 'SetPrioritized', 'SetResumed', 'SetCancelled'] as const)
      expect(await world.said(name, set.id)).toHaveLength(1);
  });

  test('and whoever looks once the answer is there finds it done', async () => {
    await using world = await openWorld();
    await world.startTracker({ FLUSH_EVERY: 200 });
    const set = eventsOfRun(1, 3);
    await world.tell(asked(set, 3));
    for (const priority of ['low', 'high', 'normal', 'low', 'high'] as const) {
      expect(await tell(world, 'prioritize', set.id, { priority })).toMatchObject({ already: false });
      expect(await world.summary(set.id)).toMatchObject({ priority });
    }
  });

  test('before any projection of it is written', async () => {
    await using world = await openWorld();
    await world.startTracker({ FLUSH_EVERY: 60_000 });
    const set = eventsOfRun(1, 2);
    await world.tell([set.accepted()]);
    expect(await tell(world, 'pause', set.id, {})).toMatchObject({ ok: true, did: 'SetPaused', seq: 2 });
  });

  test('to its end by a cancel that says how far it is, though its projection is behind, or there is none', async () => {
    await using world = await openWorld();
    const set = eventsOfRun(1, 30);
    const cancelled = async (told: SetEvents): Promise<unknown> => {
      expect(await tell(world, 'cancel', told.id, {})).toMatchObject({ ok: true });
      return (await world.said('SetCancelled', told.id))[0]?.data.counts;
    };
    const prompt = await world.startTracker();
    await world.tell([...asked(set, 30), ...outcomes(set, 0, 30)]);
    await stateIs(world, set.id, 'completed');
    await tell(world, 'retry', set.id, {});
    await eventually(async () => (await world.summary(set.id))?.counts.failed === 0);
    await world.tell([set.failed(9, 2)]);
    await world.settledProjections();
    await prompt.stop();

    await world.startTracker({ FLUSH_EVERY: 600_000 });
    await world.tell([set.completed(19, 'reused', 2)]);
    const unseen = eventsOfRun(2, 30);
    await world.tell([...asked(unseen, 30), ...outcomes(unseen, 0, 20)]);
    expect(await cancelled(set)).toMatchObject({ total: 30, completed: 28, failed: 1, paid: 27, reused: 1 });
    expect(await cancelled(unseen)).toMatchObject({ total: 30, completed: 18, failed: 2, paid: 18 });
    expect(await world.summary(unseen.id)).toBeNull();
  });

  test('by many at once with one event for each change, and every answer is true', async () => {
    await using world = await openWorld();
    await Promise.all([world.startTracker(), world.startTracker()]);
    const set = eventsOfRun(1, 2);
    await world.tell(asked(set, 2));
    const pauses = await Promise.all(Array.from({ length: 20 }, () => tell(world, 'pause', set.id, {})));
    const [said, ...others] = await world.said('SetPaused', set.id);
    expect(others).toEqual([]);
    for (const answer of pauses)
      expect(answer).toMatchObject({ ok: true, did: 'SetPaused', seq: said?.record.seq });

    const wanted = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? 'high' : 'low') as 'high' | 'low');
    const answers = await Promise.all(
      wanted.map((priority) => tell(world, 'prioritize', set.id, { priority })),
    );
    const events = await world.said('SetPrioritized', set.id);
    for (const [n, answer] of answers.entries()) {
      if (!answer.ok) throw new Error(answer.message);
      const event = events.find(({ record }) => record.seq === answer.seq);
      expect(event?.data.priority).toBe(wanted[n]);
    }
  });

  test('only by commands that fit, and the refusal says why', async () => {
    await using world = await openWorld();
    await world.startTracker();
    const set = eventsOfRun(1, 2);
    await world.tell(asked(set, 2));
    const refusals = [
      [await tell(world, 'pause', 'nothing-20260105t090001-k3f9q2', {}), 'unknown-set'],
      [await tell(world, 'resume', set.id, {}), 'not-paused'],
      [await tell(world, 'retry', set.id, {}), 'still-running'],
      [await tell(world, 'pause', '*', {}), 'invalid-command'],
      [
        commandAnswer.parse(
          await world.log.ask(commandSubject('pause'), { verb: 'cancel', setId: set.id, who: 'x' }),
        ),
        'invalid-command',
      ],
    ] as const;
    for (const [answer, code] of refusals) expect(answer).toMatchObject({ ok: false, code });
    expect(await world.said('SetCancelled', set.id)).toEqual([]);
  });

  test('by nobody while no tracker runs, which is known at once', async () => {
    await using world = await openWorld();
    await expect(tell(world, 'pause', eventsOfRun(1, 1).id, {})).rejects.toThrow(NobodyAnswers);
  });
});

describe('a retry', () => {
  const ITEMS = 40;
  const failed = failedOf(ITEMS);

  async function completedSet(world: World, n: number): Promise<SetEvents> {
    const set = eventsOfRun(n, ITEMS);
    await world.tell([...asked(set, ITEMS), ...outcomes(set, 0, ITEMS)]);
    await stateIs(world, set.id, 'completed');
    return set;
  }

  test('asks for the failed items again, as they were, and completes the next round', async () => {
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

  test('of items that are named asks for those alone', async () => {
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
    ['and was paused since', (set: SetEvents) => [set.retried(2, 4), set.requested(9, 2), set.paused()]],
    ['with all of them', (set: SetEvents) => [set.retried(2, 4), ...failed.map((n) => set.requested(n, 2))]],
  ])('that was left %s is made whole by the next tracker, each item once', async (_, left) => {
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

  test('that was left half asked for names its items still', async () => {
    await using world = await openWorld();
    const first = await world.startTracker();
    const set = await completedSet(world, 1);
    await first.stop();
    await world.tell([set.retried(2, 2, [9, 29]), set.requested(29, 2)]);
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
