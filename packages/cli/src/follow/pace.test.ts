import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('says nothing before there is something to measure', () => {
  const pace = new Pace();
  expect(pace.perSecond()).toBeUndefined();
  pace.note(0, 5);
  pace.note(100, 6);
  expect(pace.perSecond()).toBeUndefined();
});

test('goes by the last ten seconds, not by the start', () => {
  const pace = new Pace();
  for (let second = 0; second <= 20; second++) pace.note(second * 1_000, second * 100);
  for (let second = 21; second <= 40; second++) pace.note(second * 1_000, 2_000 + (second - 20) * 3);
  expect(pace.perSecond()).toBe(3);
});

test('a set that stands still comes to zero', () => {
  const pace = new Pace();
  for (let second = 0; second <= 30; second++) pace.note(second * 1_000, Math.min(second, 10) * 50);
  expect(pace.perSecond()).toBe(0);
});
