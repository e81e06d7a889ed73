import { expect, test } from 'vitest';
import { aheadOfEach, aheadSoFar } from './ahead.ts';

test('a few lanes each get the full number', () => {
  expect(aheadOfEach(64, 0)).toBe(64);
  expect(aheadOfEach(64, 32)).toBe(64);
});

test('many lanes together hold little more than a few', () => {
  expect(64 * aheadOfEach(64, 64)).toBeLessThanOrEqual(64 * 32);
  expect(1_000 * aheadOfEach(64, 1_000)).toBeLessThanOrEqual(8_000);
});

test('every lane gets some, and none gets more than was wanted', () => {
  expect(aheadOfEach(64, 1_000_000)).toBe(8);
  expect(aheadOfEach(1, 1_000)).toBe(1);
});

test('a replica takes few items at first, and never more than was wanted', () => {
  expect([0, 8, 56, 1_000].map((settled) => aheadSoFar(64, settled))).toEqual([8, 16, 64, 64]);
  expect(aheadSoFar(1, 0)).toBe(1);
});
