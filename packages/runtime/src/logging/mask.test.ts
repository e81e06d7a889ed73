import { expect, test } from 'vitest';
import { maskEmail, redactUrl, redactUrlSuffices } from './mask.ts';

test.each([
  ['nats://user:pass@host:4222', 'nats://***@host:4222'],
  ['nats://token@host', 'nats://***@host'],
  ['smtps://u%40x:p@ss@mail.example.com:465/?pool=true', 'smtps://***@mail.example.com:465/?pool=true'],
  ['nats://a:b@one,nats://c:d@two', 'nats://***@one,nats://***@two'],
  ['https://host/a?X-Amz-Signature=abc&x=1&token=t#f', 'https://host/a?X-Amz-Signature=***&x=1&token=***#f'],
  ['cannot reach redis://:secret@cache "now"', 'cannot reach redis://***@cache "now"'],
  ["nats://u:pa'ss@host", 'nats://***@host'],
  ['https://host/@scope/name', 'https://host/@scope/name'],
  ['jane@example.com', 'jane@example.com'],
  ['s3://bucket/key', 's3://bucket/key'],
])('redactUrl: %s → %s', (text, masked) => {
  expect(redactUrl(text)).toBe(masked);
});

test.each([
  ['nats://127.0.0.1:4222', true],
  ['nats://tok:en@one:4222, tls://two', true],
  ['smtps://user:pass@mail.example.com/', true],
  ['https://hooks.example.com/T000/s3cret', false],
  ['https://example.com?s3cret', false],
  ['nats://u:12/34@host', false],
  ['nats://u:1,2@host', false],
  ['nats://u:a"b@host', false],
  ['a secret', false],
])('redactUrlSuffices: %s: %s', (text, suffices) => {
  expect(redactUrlSuffices(text)).toBe(suffices);
});

test('redactUrl takes linear time on hostile text', () => {
  const before = process.cpuUsage();
  redactUrl('//'.repeat(50_000) + 'a'.repeat(100_000) + '?token'.repeat(2_000));
  expect(process.cpuUsage(before).user / 1e6, 'seconds on the CPU').toBeLessThan(1);
});

test.each([
  ['jane@example.com', 'j***@example.com'],
  ['"a@b"@example.com', '"***@example.com'],
  ['é@example.com', 'é***@example.com'],
  ['jane', '***'],
  ['@example.com', '***'],
  ['', '***'],
])('maskEmail: %s → %s', (address, masked) => {
  expect(maskEmail(address)).toBe(masked);
});
