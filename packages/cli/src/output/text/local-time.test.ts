import { afterEach, expect, test } from 'vitest';
import { localTime } from './local-time.ts';

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test.each([
  ['UTC', '2026-11-22 20:55 UTC'],
  ['America/New_York', '2026-11-22 15:55 -05:00'],
  ['Asia/Kolkata', '2026-11-23 02:25 +05:30'],
])('a time for people includes its zone: %s', (name, shown) => {
  process.env.TZ = name;
  expect(localTime('2026-11-22T20:55:00Z')).toBe(shown);
});
