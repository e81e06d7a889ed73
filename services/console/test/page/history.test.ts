/** The page's fold of a set's timeline, which its slider uses. */
import { expect, test } from 'vitest';
import type { Timeline } from '../../page/src/api/types.ts';
import { indexesOf, tally } from '../../page/src/state/filter.ts';
import { History } from '../../page/src/state/history.ts';

/** Three items: one paid, one reused, one failed and then retried with success. */
const retried: Timeline = {
  setId: 'a',
  from: 1_000,
  items: [
    [2, 10, 'r', 0],
    [3, 10, 'r', 1],
    [4, 10, 'r', 2],
    [5, 20, 'p', 0],
    [7, 30, 'u', 1],
    [8, 40, 'f', 2],
    [11, 60, 'r', 2],
    [12, 70, 'p', 2],
  ],
  life: [
    { seq: 1, ms: 0, event: 'SetAccepted' },
    { seq: 9, ms: 45, event: 'SetCompleted' },
    { seq: 10, ms: 50, event: 'SetRetried', who: 'jane' },
    { seq: 13, ms: 80, event: 'SetCompleted' },
  ],
};
const history = new History(retried, 3);

test.each([
  [1, 'running', { completed: 0, failed: 0, requested: 0 }],
  [5, 'running', { completed: 1, failed: 0, requested: 3 }],
  [8, 'completed', { completed: 2, failed: 1, reused: 1, requested: 3 }],
  [10, 'running', { completed: 2, failed: 0, requested: 3 }],
  [12, 'completed', { completed: 3, failed: 0, paid: 2, reused: 1 }],
])('after %i events the set is %s, with the item counts of that moment', (place, state, counts) => {
  const then = history.at(place);
  expect(then.state).toBe(state);
  expect(then.counts).toMatchObject({ total: 3, ...counts });
});

test('going back to a moment gives the same result', () => {
  const before = history.at(5);
  history.at(12);
  expect(history.at(5)).toEqual(before);
});

test('events are in the order of the log, with their place, time and words', () => {
  expect([history.length, history.seqOf(9), history.momentOf(9)]).toEqual([12, 10, 1_050]);
  expect([1, 4, 7, 9].map((place) => history.wordsOf(place))).toEqual([
    'set accepted',
    'item 2 requested',
    'item 2 failed',
    'set retried by jane',
  ]);
});

test('items are filtered by their state at that moment', () => {
  const { marks } = history.at(7);
  expect(tally(marks)).toEqual({ todo: 0, done: 2, reused: 1, failed: 1 });
  expect(indexesOf(marks, 'failed', undefined)).toEqual([2]);
  expect(indexesOf(marks, 'done', new Set([1, 2]))).toEqual([1]);
  expect(indexesOf(marks, 'all', undefined)).toMatchObject({ length: 3 });
});

test.each(['p', 'u', 'c'] as const)(
  'an item that is done (%s) stays done if its request is in the log twice',
  (done) => {
    const items: Timeline['items'] = [
      [2, 10, 'r', 0],
      [3, 20, done, 0],
      [4, 30, 'r', 0],
    ];
    const then = new History({ setId: 'a', from: 1_000, items, life: [] }, 1).at(3);
    expect(then.marks).toEqual([done]);
    expect(then.counts).toMatchObject({ completed: 1, requested: 1 });
  },
);
