import { expect, test } from 'vitest';
import type { z } from 'zod';
import { address, durationMs, flag, integer, list, mailAddress, port, url } from './env-values.ts';

const accepted = (schema: z.ZodType, text: string) => schema.safeParse(text).success;

test.each([
  ['250ms', 250],
  ['5s', 5_000],
  ['1.5s', 1_500],
  ['60m', 3_600_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['0s', 0],
  [' 5s ', 5_000],
])('durationMs reads %s as %i', (text, ms) => {
  expect(durationMs().parse(text)).toBe(ms);
});

test.each(['5', 's', '-5s', '5 s', '5sec', '1e3ms', '5S'])('durationMs refuses %s', (text) => {
  expect(accepted(durationMs(), text)).toBe(false);
});

test('durationMs refuses more than a timer can wait and says so, except for values that are only compared', () => {
  expect(durationMs().parse('24d')).toBe(24 * 86_400_000);
  expect(durationMs().safeParse('25d').error?.issues[0]?.message).toMatch(/24h, and 24d at most$/);
  expect(durationMs({ max: Infinity }).parse('365d')).toBe(365 * 86_400_000);
  expect(durationMs({ max: Infinity }).safeParse('x').error?.issues[0]?.message).toMatch(/60m or 24h$/);
});

test('integer enforces its bounds and refuses what is not a whole number', () => {
  const schema = integer({ min: -1, max: 10 });
  expect(['-1', '+3', '10'].map((text) => schema.parse(text))).toEqual([-1, 3, 10]);
  for (const text of ['-2', '11', '1.0', '1e1', '0x1', 'one']) expect(accepted(schema, text)).toBe(false);
  expect(accepted(integer(), '9007199254740993')).toBe(false);
});

test('integer names its bounds', () => {
  const messageOf = (schema: z.ZodType) => schema.safeParse('x').error?.issues[0]?.message;
  expect(messageOf(integer())).toBe('must be a whole number');
  expect(messageOf(integer({ min: 1 }))).toBe('must be a whole number, 1 or more');
  expect(messageOf(integer({ min: 1, max: 5 }))).toBe('must be a whole number from 1 to 5');
  expect(messageOf(integer({ max: 5 }))).toBe('must be a whole number, 5 or less');
});

test('port reads 0 to 65535', () => {
  expect([port().parse('0'), port().parse('65535')]).toEqual([0, 65_535]);
  expect(accepted(port(), '65536')).toBe(false);
});

test('flag reads both words and digits, in any case', () => {
  expect(['true', 'YES', 'on', '1'].every((text) => flag().parse(text))).toBe(true);
  expect(['false', 'No', 'off', '0'].some((text) => flag().parse(text))).toBe(false);
  expect(flag().parse(' true ')).toBe(true);
  for (const text of ['maybe', 'constructor', '2', 'y']) expect(accepted(flag(), text)).toBe(false);
  expect(flag().safeParse('maybe').error?.issues).toMatchObject([{ message: 'must be true or false' }]);
});

test('url keeps the text as written and enforces the protocol', () => {
  const schema = url({ protocols: ['nats', 'tls'] });
  expect(schema.parse('nats://u:p@host:4222')).toBe('nats://u:p@host:4222');
  for (const text of ['http://host', 'host:4222', 'nats:', '/path'])
    expect(accepted(schema, text)).toBe(false);
});

test('list trims and reads each item, and refuses empty items', () => {
  expect(list().parse('a, b ,c')).toEqual(['a', 'b', 'c']);
  expect(list(integer()).parse('1,2')).toEqual([1, 2]);
  for (const text of ['a,,b', 'a,']) expect(accepted(list(), text)).toBe(false);
  expect(accepted(list(integer()), '1,x')).toBe(false);
});

test('address reads IP addresses and host names, without a port', () => {
  for (const text of ['127.0.0.1', '::1', '0.0.0.0', 'localhost', 'nats-1.example.com', 'my_service']) {
    expect(address().parse(text)).toBe(text);
  }
  for (const text of ['localhost:80', 'http://host', '-host', 'a..b', 'a b'])
    expect(accepted(address(), text)).toBe(false);
});

test('mailAddress reads a mailbox with or without a name', () => {
  for (const text of ['jane@example.com', 'Setlist <setlist@example.com>', '<a@b>']) {
    expect(mailAddress().parse(text)).toBe(text);
  }
  for (const text of [
    'jane',
    'jane@',
    '@example.com',
    'Jane <jane@example.com',
    'jane@example.com>',
    'a@b\r\nBcc: c@d',
  ]) {
    expect(accepted(mailAddress(), text)).toBe(false);
  }
});
