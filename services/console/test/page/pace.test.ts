/** The page's estimate of a set's rate and remaining time. */
import { expect, test } from 'vitest';
import type { SetSummary } from '../../page/src/api/types.ts';
import { notePace, rateOf, secondsLeft } from '../../page/src/state/pace.ts';

/** A running set of 100 items, whose first items were made in its first 100 seconds. */
const running = (setId: string, round: number, completed: number, failed: number): SetSummary =>
  ({
    setId,
    state: 'running',
    round,
    counts: { total: 100, completed, failed },
    startedAt: '2026-01-01T00:00:00.000Z',
    moved: { at: '2026-01-01T00:01:40.000Z' },
  }) as SetSummary;

test('a retry, which lowers the number of done items, gives no negative rate', () => {
  notePace(running('a', 1, 60, 40), 0);
  const retried = running('a', 2, 60, 0);
  notePace(retried, 5_000);
  expect(rateOf(retried, 10_000)).toBe(0);
  expect(secondsLeft(retried, 10_000)).toBeUndefined();
});

test('in a later round, items done in earlier rounds don’t count towards the rate', () => {
  const retried = running('b', 2, 60, 0);
  expect(rateOf(retried, 0)).toBeUndefined();
  notePace(retried, 0);
  const further = running('b', 2, 70, 0);
  notePace(further, 5_000);
  expect(rateOf(further, 5_000)).toBe(2);
  expect(secondsLeft(further, 5_000)).toBe(15);
});

test('within a round, a drop in done items restarts the sampling', () => {
  notePace(running('c', 1, 60, 40), 0);
  notePace(running('c', 1, 60, 0), 3_000);
  const further = running('c', 1, 66, 0);
  expect(rateOf(further, 6_000)).toBe(2);
});

test('a slow set keeps its average for as long as no item is overdue', () => {
  const slow = running('g', 1, 10, 0);
  notePace(slow, 0);
  expect([rateOf(slow, 0), rateOf(slow, 5_000)]).toEqual([0.1, 10 / 105]);
});

test('the first round’s average is used until there are enough samples', () => {
  expect(rateOf(running('d', 1, 50, 0), 0)).toBe(0.5);
});

test('a set that stands still gets slower and slower, and has no rate once it has stalled', () => {
  const still = running('e', 1, 50, 0);
  notePace(still, 0);
  expect([rateOf(still, 0), rateOf(still, 100_000), rateOf(still, 400_000)]).toEqual([0.5, 0.01, 0.0025]);
  const stalled = { ...still, stalled: { sinceSeq: 50, since: still.moved.at } };
  expect([rateOf(stalled, 400_000), secondsLeft(stalled, 400_000)]).toEqual([undefined, undefined]);
  expect(rateOf({ ...stalled, stalled: { ...stalled.stalled, movedBySeq: 51 } }, 400_000)).toBe(0.0025);
});

test('a fast set that stands still is not said to be fast again once its last samples are old, or it is fetched again', () => {
  const at = (completed: number): SetSummary => ({
    ...running('f', 1, completed, 0),
    moved: { seq: completed, at: '2026-01-01T00:00:05.000Z' },
  });
  for (let completed = 20; completed <= 50; completed++) notePace(at(completed), completed * 100);
  const stopped = 5_000;
  expect(rateOf(at(50), stopped)).toBe(10);
  expect(rateOf(at(50), stopped + 28_000)).toBeLessThan(1);
  expect(rateOf(at(50), stopped + 31_000)).toBe(1 / 31);
  notePace(at(50), stopped + 40_000);
  expect(rateOf(at(50), stopped + 40_000)).toBe(1 / 40);
  expect(rateOf(at(50), stopped + 50_000)).toBe(1 / 50);
});
