import { loadConfig } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { ingestConfig } from './config.ts';

const since = (INBOX_SINCE: string): Date | undefined =>
  loadConfig(ingestConfig, { INBOX_SINCE, STORE: 'store', NATS_URL: 'nats://127.0.0.1:4222' }).INBOX_SINCE;

test.each([
  ['2026-11-22', '2026-11-22T00:00:00.000Z'],
  ['2026-11-22T06:00Z', '2026-11-22T06:00:00.000Z'],
  ['2026-11-22T06:00:30.5+01:00', '2026-11-22T05:00:30.500Z'],
])('INBOX_SINCE takes %s', (text, moment) => {
  expect(since(text)?.toISOString()).toBe(moment);
});

test('a blank INBOX_SINCE counts as not set', () => expect(since('')).toBeUndefined());

test.each([
  'yesterday',
  '2026',
  '2026-11-22T06:00',
  '22.11.2026',
  '2026-13-01',
  '2026-02-30',
  '2026-11-31T06:00Z',
])('INBOX_SINCE refuses %s, which is not a moment or has no time zone', (text) => {
  expect(() => since(text)).toThrow(/INBOX_SINCE must be a day or a moment with its zone/);
});
