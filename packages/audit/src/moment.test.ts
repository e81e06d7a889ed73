import { describe, expect, test } from 'vitest';
import { isAfter, parseMoment } from './moment.ts';

describe('a moment', () => {
  test.each([
    ['4711', { seq: 4711 }],
    ['2026-11-22', { time: new Date('2026-11-22T00:00:00Z') }],
    ['2026-11-22T06:00', { time: new Date('2026-11-22T06:00:00Z') }],
    ['2026-11-22 06:00:01.5', { time: new Date('2026-11-22T06:00:01.500Z') }],
    ['2026-11-22T06:00:00+01:00', { time: new Date('2026-11-22T05:00:00Z') }],
  ])('%s is read', (text, moment) => {
    expect(parseMoment(text)).toEqual(moment);
  });

  test.each([
    '',
    'yesterday',
    '-1',
    '1.5',
    '2026-13-01',
    '2026-02-30',
    '2026-04-31T06:00',
    '2026-11-22T25:00',
    '11/22/2026',
  ])('%j is not a moment', (text) => {
    expect(parseMoment(text)).toBeUndefined();
  });

  test('includes what was stored exactly at it', () => {
    const record = { seq: 7, time: new Date(1_000) };
    expect(isAfter({ seq: 7 }, record)).toBe(false);
    expect(isAfter({ seq: 6 }, record)).toBe(true);
    expect(isAfter({ time: new Date(1_000) }, record)).toBe(false);
    expect(isAfter({ time: new Date(999) }, record)).toBe(true);
  });
});
