/** Refusals for every caller: too many requests, too large, wrong host name; and what the console's pages can do. */
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from '../world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => world?.[Symbol.asyncDispose]());

const codeOf = async (answer: Response) => [answer.status, JSON.parse(await answer.text()).code];

it('requests beyond the limit per minute are refused, with or without a token, with how long to wait', async () => {
  const issuer = 'http://127.0.0.1:1';
  const tokens = { AUTH_JWKS_URL: `${issuer}/keys`, AUTH_ISSUER: issuer, AUTH_AUDIENCE: 'setlist' };
  await using limited = await startWorld({ RATE_LIMIT: '10', ...tokens });
  for (const [path, status] of [
    ['/openapi.json', 200],
    ['/api/v1/sets', 401],
  ] as const) {
    for (let asked = 0; asked < 5; asked++)
      expect((await fetch(`${limited.url}${path}`)).status).toBe(status);
  }
  const answer = await fetch(`${limited.url}/api/v1/sets`);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(await codeOf(answer)).toEqual([429, 'too-many-requests']);
});

it('requests from other sites’ pages don’t count against the console’s own page', async () => {
  await using limited = await startWorld({ RATE_LIMIT: '10' });
  for (let asked = 0; asked < 20; asked++) {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect(await codeOf(await fetch(`${limited.url}/api/v1/sets`, { headers }))).toEqual([
      403,
      'foreign-origin',
    ]);
  }
  const answer = await fetch(`${limited.url}/api/v1/sets`, { headers: { 'sec-fetch-site': 'same-origin' } });
  expect(answer.status).toBe(200);
});

it('a body larger than any command is refused', async () => {
  const answer = await fetch(`${world.url}/api/v1/sets/some-set/pause`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ why: 'x'.repeat(1_100_000) }),
  });
  expect(await codeOf(answer)).toEqual([413, 'body-too-large']);
});

it('a foreign host name is refused, whatever address it resolves to', async () => {
  const { port } = new URL(world.url);
  const status = await new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port, path: '/api/v1/sets', headers: { host: `rebound.example:${port}` } },
      (answer) => resolve(answer.resume().statusCode),
    );
    asking.on('error', reject).end();
  });
  expect(status).toBe(421);
});

it('its pages run only their own scripts, send nothing elsewhere, and can’t be framed', async () => {
  const { headers } = await fetch(`${world.url}/`);
  const policy = Object.fromEntries(
    (headers.get('content-security-policy') ?? '').split(';').map((part) => part.trim().split(/ (.*)/s, 2)),
  );
  expect(policy).toMatchObject({
    'default-src': "'none'",
    'script-src': "'self'",
    'frame-ancestors': "'none'",
    'base-uri': "'none'",
    'form-action': "'none'",
  });
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
});
