import { commandAnswer, commandSubject, type Verb } from '@setlist/contracts';
import { askCommand, BrokerUnavailable, NobodyAnswers } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import type { SetEvents } from '@setlist/testkit';
import { eventually } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { answerCommands } from '../src/on-command.ts';
import { eventsOfRun, type Rest, stateIs, tell } from './tell.ts';
import { asked, limitLog, openWorld, outcomes, UNLIMITED } from './world.ts';

/** Is sent as an empty message. */
const NO_JSON = undefined;

describe('a set is steered', () => {
  test('through its life, and repeating a command changes nothing', async () => {
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

  test('and its summary shows the change once the command is answered', async () => {
    await using world = await openWorld();
    await world.startTracker({ FLUSH_EVERY: 200 }, { seenWithinMs: 60_000 });
    const set = eventsOfRun(1, 3);
    await world.tell(asked(set, 3));
    for (const priority of ['low', 'high', 'normal', 'low', 'high'] as const) {
      expect(await tell(world, 'prioritize', set.id, { priority })).toMatchObject({ already: false });
      expect(await world.summary(set.id)).toMatchObject({ priority });
    }
  });

  test('and each step belongs to the trace in which the set was accepted', async () => {
    await using world = await openWorld();
    await world.startTracker();
    const set = eventsOfRun(1, 2);
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await world.tell([{ ...set.accepted(), traceparent }]);
    await tell(world, 'pause', set.id, {});
    await tell(world, 'cancel', set.id, {});
    const said = [...(await world.said('SetPaused', set.id)), ...(await world.said('SetCancelled', set.id))];
    expect(said.map(({ record }) => record.event?.traceparent)).toEqual([traceparent, traceparent]);
  });

  test('before any projection of it is written', async () => {
    await using world = await openWorld();
    await world.startTracker({ FLUSH_EVERY: 60_000 });
    const set = eventsOfRun(1, 2);
    await world.tell([set.accepted()]);
    expect(await tell(world, 'pause', set.id, {})).toMatchObject({ ok: true, did: 'SetPaused', seq: 2 });
  });

  test('to its end by a cancel with correct counts and costs, even if its projection is behind or missing', async () => {
    await using world = await openWorld();
    const set = eventsOfRun(1, 40);
    const cancelled = async (told: SetEvents): Promise<unknown> => {
      expect(await tell(world, 'cancel', told.id, {})).toMatchObject({ ok: true });
      return (await world.said('SetCancelled', told.id))[0]?.data;
    };
    const prompt = await world.startTracker();
    await world.tell([...asked(set, 40), ...outcomes(set, 0, 40)]);
    await stateIs(world, set.id, 'completed');
    await tell(world, 'retry', set.id, {});
    await eventually(async () => (await world.summary(set.id))?.counts.failed === 0);
    await world.tell([set.failedPaid(9, 2)]);
    await world.settledProjections();
    await prompt.stop();

    await world.startTracker({ FLUSH_EVERY: 600_000 });
    // Item 39 is still awaited: otherwise the set would complete.
    await world.tell([set.completed(19, 'reused', 2), set.completed(29, 'paid', 2)]);
    const unseen = eventsOfRun(2, 30);
    await world.tell([...asked(unseen, 30), ...outcomes(unseen, 0, 20)]);
    expect(await cancelled(set)).toMatchObject({
      counts: { total: 40, completed: 38, failed: 1, paid: 37, reused: 1 },
      billedCharacters: 3_800,
      costUsd: '0.0608',
    });
    expect(await cancelled(unseen)).toMatchObject({
      counts: { total: 30, completed: 18, failed: 2, paid: 18 },
      billedCharacters: 1_800,
      costUsd: '0.0288',
    });
    expect(await world.summary(unseen.id)).toBeNull();
  });

  test('by many commands at once with one event per change, and every answer is true', async () => {
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

  test('only by valid commands, and a refusal says why', async () => {
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
      [commandAnswer.parse(await world.log.ask(commandSubject('pause'), NO_JSON, 20_000)), 'invalid-command'],
    ] as const;
    for (const [answer, code] of refusals) expect(answer).toMatchObject({ ok: false, code });
    expect(await world.said('SetCancelled', set.id)).toEqual([]);
  });

  test('and a command to a tracker that is stopping is answered, or fails at once with NobodyAnswers', async () => {
    await using world = await openWorld();
    const tracker = await world.startTracker({ FLUSH_EVERY: 600 });
    const set = eventsOfRun(1, 2);
    await world.tell(asked(set, 2));
    const ask = (n: number) =>
      tell(world, 'prioritize', set.id, { priority: n % 2 === 0 ? 'high' : 'low' }).catch((error) => error);
    const answers = Array.from({ length: 4 }, (_, n) => ask(n));
    await eventually(async () => (await world.said('SetPrioritized', set.id)).length > 0);
    const stopped = tracker.stop();
    answers.push(...Array.from({ length: 20 }, (_, n) => ask(n)));
    for (const answer of await Promise.all(answers))
      if (!(answer instanceof NobodyAnswers)) expect(answer).toHaveProperty('ok');
    await stopped;
  });

  test('not any more once its asker was told that the broker confirmed nothing', async () => {
    await using world = await openWorld();
    const logger = createLogger({ service: 'tracker', level: 'silent' });
    await using _ = answerCommands({ log: world.log, logger, triedForMs: 3_000, seenWithinMs: 0 });
    const set = eventsOfRun(1, 2);
    await world.tell(asked(set, 2));
    await limitLog(world, await world.log.head());
    const cancelled = askCommand(world.log, { verb: 'cancel', setId: set.id, who: 'jane@desk' });
    await expect(cancelled).rejects.toThrow(BrokerUnavailable);
    await expect(cancelled).rejects.toThrow('the broker takes no writes: maximum messages exceeded');
    await limitLog(world, UNLIMITED);
    await world.tell([set.completed(0)]);
    expect(await world.said('SetCancelled', set.id)).toEqual([]);
  });

  test('by nobody while no tracker runs: commands fail at once', async () => {
    await using world = await openWorld();
    await expect(tell(world, 'pause', eventsOfRun(1, 1).id, {})).rejects.toThrow(NobodyAnswers);
  });
});
