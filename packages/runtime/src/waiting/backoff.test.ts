import { expect, test } from 'vitest';
import { backoffDelayMs } from './backoff.ts';

const options = { baseMs: 100, capMs: 5_000 };
const longest = () => 1 - Number.EPSILON;

test('the ceiling doubles with each attempt, up to the cap', () => {
  const ceilings = [1, 2, 3, 6, 7, 5_000].map((attempt) =>
    backoffDelayMs(attempt, { ...options, random: longest }),
  );
  expect(ceilings).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
});

test('full jitter reaches down to no delay at all', () => {
  expect(backoffDelayMs(9, { ...options, random: () => 0 })).toBe(0);
  expect(backoffDelayMs(2, { ...options, random: () => 0.5 })).toBe(100);
});

test('by default, delays are within the bounds and vary', () => {
  const delays = Array.from({ length: 50 }, () => backoffDelayMs(5_000, options));
  expect(Math.max(...delays)).toBeLessThanOrEqual(5_000);
  expect(new Set(delays).size).toBeGreaterThan(1);
});

test.each([0, -1, 1.5, Number.NaN])('refuses %d as an attempt', (attempt) => {
  expect(() => backoffDelayMs(attempt, options)).toThrow(RangeError);
});
