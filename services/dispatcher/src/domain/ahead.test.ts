import { expect, test } from 'vitest';
import { aheadOfEach } from './ahead.ts';

test('a few lanes are taken from in full', () => {
  expect(aheadOfEach(64, 0)).toBe(64);
  expect(aheadOfEach(64, 32)).toBe(64);
});

test('a thousand lanes hold hardly more than the few', () => {
  expect(64 * aheadOfEach(64, 64)).toBeLessThanOrEqual(64 * 32);
  expect(1_000 * aheadOfEach(64, 1_000)).toBeLessThanOrEqual(8_000);
});

test('no lane is left without, and none gets more than was wanted', () => {
  expect(aheadOfEach(64, 1_000_000)).toBe(8);
  expect(aheadOfEach(1, 1_000)).toBe(1);
});
