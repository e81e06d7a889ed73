import { expect, test } from 'vitest';
import { isDay } from './calendar.ts';

test.each(['2026-11-30', '2024-02-29', '0000-01-01', '9999-12-31'])('%s is a day', (day) => {
  expect(isDay(day)).toBe(true);
});

test.each(['2026-11-31', '2026-02-29', '2026-13-01', '2026-00-10', '2026-11', 'today', ''])(
  '%j is none',
  (day) => {
    expect(isDay(day)).toBe(false);
  },
);
