import { expect, test } from 'vitest';
import { brokerAddress } from './broker-address.ts';

test.each([
  ['nats://127.0.0.1:4222', { servers: ['nats://127.0.0.1:4222'] }],
  ['broker:4222', { servers: ['nats://broker:4222'] }],
  ['nats://[::1]:4222', { servers: ['nats://[::1]:4222'] }],
  ['nats://@broker:4222', { servers: ['nats://broker:4222'] }],
  ['nats://jane:pa55@broker', { servers: ['nats://broker'], user: 'jane', pass: 'pa55' }],
  ['nats://jane:p%40%2C%3A@broker', { servers: ['nats://broker'], user: 'jane', pass: 'p@,:' }],
  ['nats://jane:p@ss@broker', { servers: ['nats://broker'], user: 'jane', pass: 'p@ss' }],
  ['nats://s3cr%2Ft@broker', { servers: ['nats://broker'], token: 's3cr/t' }],
  ['tls://broker', { servers: ['tls://broker'], tls: {} }],
])('%s is split into servers and credentials', (text, expected) => {
  expect(brokerAddress(text)).toEqual(expected);
});

test('the credentials of the first server that has any apply to all', () => {
  expect(brokerAddress('nats://a, nats://jane:one@b, nats://joe:two@c')).toEqual({
    servers: ['nats://a', 'nats://b', 'nats://c'],
    user: 'jane',
    pass: 'one',
  });
});

test.each(['ws', 'wss'])('%s is refused, without revealing the credentials', (scheme) => {
  expect(() => brokerAddress(`${scheme}://jane:pa55@broker:443`)).toThrow(
    `the broker cannot be reached at ${scheme}://broker:443: only TCP is supported, not WebSocket`,
  );
});

test('credentials that cannot be decoded are refused, without being revealed', () => {
  expect(() => brokerAddress('nats://jane:50%off@broker')).toThrow(/^((?!off).)*cannot be read$/);
});
