/** Lengths count from the acceptance; moments are absolute; everything else is refused. */
import { expect, it, test } from 'vitest';
import { deadlineAt } from './deadline.ts';

const accepted = new Date('2026-11-22T20:00:00.000Z');

test.each([
  ['90m', '2026-11-22T21:30:00.000Z'],
  ['2h', '2026-11-22T22:00:00.000Z'],
  ['1d', '2026-11-23T20:00:00.000Z'],
  ['2026-11-23T09:30Z', '2026-11-23T09:30:00.000Z'],
  ['2026-11-23T09:30:15.25+01:00', '2026-11-23T08:30:15.250Z'],
  ['2024-02-29T23:59:59-08:00', '2024-03-01T07:59:59.000Z'],
])('%s is %s', (text, moment) => {
  expect(deadlineAt(text, accepted)?.toISOString()).toBe(moment);
});

it.each([
  ...['', '0h', '2', '2 h', '1.5h', '2w', '-2h', '30s', '9000h', '367d'],
  ...['2026-11-23', '2026-11-23T09:30', '2026-11-23 09:30Z', '2026-02-30T00:00Z', '2026-13-01T00:00Z'],
  ...['2026-11-23T24:00Z', '2026-11-23T09:30+0100', 'tomorrow'],
  ...['9999-12-31T23:59:59-01:00', '0000-01-01T00:00+01:00'],
])('"%s" is not a deadline', (text) => {
  expect(deadlineAt(text, accepted)).toBeUndefined();
});
