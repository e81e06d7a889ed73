import type { FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { sameSite } from './same-site.ts';

const ask = (method: string, headers: Record<string, string>) => () =>
  sameSite([])({ method, headers, host: 'localhost:8581' } as unknown as FastifyRequest);
const followed = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

it.each([
  {},
  { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { 'sec-fetch-site': 'none', ...followed },
  { 'sec-fetch-site': 'cross-site', ...followed },
])('allows reads from its own page, through a link, or from no page: %j', (headers) => {
  expect(ask('GET', headers)).not.toThrow();
});

it.each([
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
  { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  { 'sec-fetch-site': 'cross-site' },
])('allows no requests by another site’s page: %j', (headers) => {
  for (const method of ['GET', 'HEAD', 'POST'])
    expect(ask(method, headers)).toThrow(expect.objectContaining({ code: 'foreign-origin' }));
});

it('allows no writes through another site’s links', () => {
  expect(ask('POST', { 'sec-fetch-site': 'cross-site', ...followed })).toThrow();
});
