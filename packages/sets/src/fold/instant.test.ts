import { expect, test } from 'vitest';
import { isoOf } from './instant.ts';

test.each([
  [0, 1, 999, 1_000, 999, 1_234],
  [Date.UTC(2026, 11, 31, 23, 59, 59, 999), Date.UTC(2027, 0, 1), Date.UTC(2024, 1, 29, 0, 0, 0, 7)],
  [-1, -999, -1_000, -1_001],
])('a moment is told as Date tells it, whatever was told before', (...moments) => {
  for (const ms of moments) expect(isoOf(new Date(ms))).toBe(new Date(ms).toISOString());
});
