import type { Command, SetlistEvent } from '@setlist/contracts';
import { eventsOf, recorded, timeOf } from '@setlist/testkit';
import { describe, expect, test } from 'vitest';
import { decideCommand, type Facts } from './decide-command.ts';
import { evolveSetLife, type SetLife } from './set-life.ts';

const set = eventsOf();
const by = { setId: set.id, who: 'jane@desk' };
const pause: Command = { verb: 'pause', ...by };
const resume: Command = { verb: 'resume', ...by };
const cancel: Command = { verb: 'cancel', ...by };
const retry: Command = { verb: 'retry', ...by };
const retryOf = (...indexes: number[]): Command => ({ verb: 'retry', ...by, indexes });
const prioritize = (priority: 'high' | 'normal' | 'low'): Command => ({
  verb: 'prioritize',
  ...by,
  priority,
});

const running = [set.accepted()];
const paused = [...running, set.paused()];
const resumed = [...paused, set.resumed()];
const cancelled = [...running, set.cancelled()];
const completed = [...running, set.setCompleted()];
const completedWithFailures = [...running, set.setCompleted(1, undefined, 2)];
const retried = [...completedWithFailures, set.retried(2, 2)];
const rejected = [set.rejected()];

/** Retries one item: with `all`, as the only one of both that can be requested again; otherwise by name. */
const retriedOne = (which: { indexes: number[]; all?: true }) => {
  const event = set.retried(2, 1);
  return [...completedWithFailures, { ...event, data: { ...event.data, ...which } }];
};

const both = new Set([0, 1]);
const soFar = {
  counts: { total: 2, completed: 1, failed: 0, paid: 1, reused: 0, recovered: 0 },
  billedCharacters: 100,
  costUsd: '0.0016',
};

/** Given the life, what follows from the command. */
function decided(command: Command, history: readonly SetlistEvent[], facts: Partial<Facts> = {}) {
  let life: SetLife | undefined;
  for (const record of recorded(history)) life = evolveSetLife(life, record);
  return decideCommand(command, life, { now: timeOf(9), soFar, failed: both, askable: both, ...facts });
}

describe('a valid command', () => {
  test.each([
    ['pauses a running set', pause, running, { id: `${set.id}/paused/1`, name: 'SetPaused' }],
    ['pauses a resumed set again', pause, resumed, { id: `${set.id}/paused/3`, name: 'SetPaused' }],
    ['resumes a paused set', resume, paused, { id: `${set.id}/resumed/2`, name: 'SetResumed' }],
    ['cancels a running set', cancel, running, { id: `${set.id}/cancelled`, name: 'SetCancelled' }],
    ['cancels a paused set', cancel, paused, { id: `${set.id}/cancelled`, name: 'SetCancelled' }],
    ['cancels a retry', cancel, retried, { id: `${set.id}/cancelled`, name: 'SetCancelled' }],
    [
      'raises a running set’s priority',
      prioritize('high'),
      running,
      { id: `${set.id}/prioritized/1`, name: 'SetPrioritized' },
    ],
    [
      'lowers a paused set’s priority',
      prioritize('low'),
      paused,
      { id: `${set.id}/prioritized/2`, name: 'SetPrioritized' },
    ],
    ['retries failed items', retry, completedWithFailures, { id: `${set.id}/retried/2`, name: 'SetRetried' }],
  ])('%s', (_, command, history, said) => {
    const event = expect.objectContaining({ ...said, setId: set.id });
    expect(decided(command, history)).toEqual({ kind: 'append', event });
  });

  test('records who gave it, why, and the event that the decision is based on', () => {
    expect(decided({ ...pause, why: 'wrong voice' }, resumed)).toMatchObject({
      event: { data: { who: 'jane@desk', why: 'wrong voice', afterSeq: 3, set: { name: 'Moby Dick' } } },
    });
  });

  test('records the progress and costs of a cancelled set', () => {
    expect(decided(cancel, running)).toMatchObject({ event: { data: soFar } });
  });

  test('opens the next round for all failed items, or for the named ones', () => {
    const all = decided(retry, completedWithFailures);
    expect(all).toMatchObject({ event: { data: { round: 2, items: 2 } } });
    expect(all).not.toHaveProperty('event.data.indexes');
    const one = new Set([1]);
    expect(decided(retryOf(1), completedWithFailures, { failed: one, askable: one })).toMatchObject({
      event: { data: { round: 2, items: 1, indexes: [1] } },
    });
    const again = [...retried, set.setCompleted(2, undefined, 1)];
    expect(decided(retry, again, { failed: one, askable: one })).toMatchObject({
      event: { data: { round: 3, items: 1 } },
    });
  });

  test('opens the next round without items that can’t be requested again, and names the others', () => {
    expect(decided(retry, completedWithFailures, { askable: new Set([1]) })).toMatchObject({
      event: { data: { round: 2, items: 1, indexes: [1], all: true } },
    });
  });
});

describe('a command in force', () => {
  test.each([
    ['pause', pause, paused, { did: 'SetPaused', seq: 2 }],
    ['resume', resume, resumed, { did: 'SetResumed', seq: 3 }],
    ['cancel', cancel, cancelled, { did: 'SetCancelled', seq: 2 }],
    ['the priority it was accepted with', prioritize('normal'), running, { did: 'SetAccepted', seq: 1 }],
    [
      'a priority given since',
      prioritize('high'),
      [...running, set.prioritized()],
      { did: 'SetPrioritized', seq: 2 },
    ],
    ['retry', retry, retried, { did: 'SetRetried', seq: 3, items: 2 }],
    [
      'retry of the items that can be requested again',
      retry,
      retriedOne({ indexes: [1], all: true }),
      { did: 'SetRetried', seq: 3, items: 1 },
    ],
    [
      'retry of the same items by name',
      retryOf(1),
      retriedOne({ indexes: [1], all: true }),
      { did: 'SetRetried', seq: 3, items: 1 },
    ],
    ['retry of a paused round', retry, [...retried, set.paused()], { did: 'SetRetried', seq: 3, items: 2 }],
  ])('is answered with the existing event: %s', (_, command, history, answer) => {
    expect(decided(command, history)).toEqual({ kind: 'in-force', ...answer });
  });
});

describe('an invalid command is refused, with a remedy', () => {
  const [none, one] = [new Set<number>(), new Set([1])];
  test.each([
    ['to pause an unknown set', pause, [], { code: 'unknown-set' }],
    ['to pause a completed set', pause, completed, { code: 'already-completed' }],
    ['to pause a cancelled set', pause, cancelled, { code: 'already-cancelled' }],
    ['to resume a set that was never paused', resume, running, { code: 'not-paused' }],
    ['to resume a completed set', resume, completed, { code: 'already-completed' }],
    ['to cancel a completed set', cancel, completed, { code: 'already-completed' }],
    ['to cancel a rejected set', cancel, rejected, { code: 'already-rejected' }],
    ['to raise a completed set’s priority', prioritize('high'), completed, { code: 'already-completed' }],
    ['to retry a running set', retry, running, { code: 'still-running' }],
    ['to retry other items than the open round', retryOf(1), retried, { code: 'still-running' }],
    [
      'to retry all items while the open round names some',
      retry,
      retriedOne({ indexes: [1] }),
      { code: 'still-running' },
    ],
    ['to retry where nothing failed', retry, completed, { code: 'nothing-failed', failed: none }],
    [
      'to retry an item that did not fail',
      retryOf(0, 1),
      completedWithFailures,
      { code: 'not-failed', failed: one },
    ],
    [
      'to retry items whose requests can’t be read',
      retry,
      completedWithFailures,
      { code: 'unreadable-request', askable: none },
    ],
    [
      'to retry such an item by name',
      retryOf(0, 1),
      completedWithFailures,
      { code: 'unreadable-request', askable: one },
    ],
    ['to retry a cancelled set', retry, cancelled, { code: 'already-cancelled' }],
    ['to retry a rejected set', retry, rejected, { code: 'already-rejected' }],
  ])('%s', (_, command, history, { code, ...facts }: { code: string } & Partial<Facts>) => {
    const decision = decided(command, history, facts);
    expect(decision).toMatchObject({ kind: 'refused', reason: { code } });
    expect(decision).toHaveProperty('reason.message', expect.stringMatching(/\w.*[.:]/));
    expect(decision).toHaveProperty('reason.remedy', expect.stringMatching(/^[A-Z"].*\.$/));
  });

  test('and the refusal names the items that did not fail', () => {
    const decision = decided(retryOf(0, 1), completedWithFailures, { failed: new Set([1]) });
    expect(decision).toHaveProperty('reason.message', expect.stringMatching(/not failed: 0\.$/));
  });

  test('and the refusal names the items whose requests can’t be read', () => {
    const decision = decided(retryOf(0, 1), completedWithFailures, { askable: one });
    expect(decision).toHaveProperty('reason.message', expect.stringMatching(/can't be retried: 0\.$/));
  });
});
