import { expect, test } from 'vitest';
import { nextLookMs } from './next-look.ts';

const MINUTE_MS = 60_000;

test('a cancelled set is checked again after a minute, ten minutes, an hour and a day, then never', () => {
  expect([0, 1_000, 60_000, 400_000, 600_000, 3_600_000, 86_399_000, 86_400_000].map(nextLookMs)).toEqual([
    MINUTE_MS,
    59_000,
    9 * MINUTE_MS,
    200_000,
    50 * MINUTE_MS,
    23 * 60 * MINUTE_MS,
    1_000,
    undefined,
  ]);
});
