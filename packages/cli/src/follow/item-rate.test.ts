import { expect, test } from 'vitest';
import { ItemRate } from './item-rate.ts';

test('has no rate before there is something to measure', () => {
  const rate = new ItemRate();
  expect(rate.perSecond()).toBeUndefined();
  rate.note(0, 5);
  rate.note(100, 6);
  expect(rate.perSecond()).toBeUndefined();
});

test('measures the last ten seconds, not the time since the start', () => {
  const rate = new ItemRate();
  for (let second = 0; second <= 20; second++) rate.note(second * 1_000, second * 100);
  for (let second = 21; second <= 40; second++) rate.note(second * 1_000, 2_000 + (second - 20) * 3);
  expect(rate.perSecond()).toBe(3);
});

test('falls to zero for a set that stands still', () => {
  const rate = new ItemRate();
  for (let second = 0; second <= 30; second++) rate.note(second * 1_000, Math.min(second, 10) * 50);
  expect(rate.perSecond()).toBe(0);
});
