import { Agent, get } from 'node:http';
import { expect, test } from 'vitest';
import { type HealthServerOptions, startHealthServer } from '../src/service/health-server.ts';
import type { Check } from '../src/service/readiness.ts';

const OPTIONS: HealthServerOptions = { host: '127.0.0.1', port: 0, service: 'tracker', checks: new Map() };

async function statusOf(url: string, init?: RequestInit): Promise<number> {
  const response = await fetch(url, init);
  await response.arrayBuffer();
  return response.status;
}

test('serves two paths, read-only', async () => {
  await using server = await startHealthServer(OPTIONS);
  expect(await statusOf(`${server.url}/healthz?probe=1`)).toBe(200);
  expect(await statusOf(`${server.url}/readyz`, { method: 'HEAD' })).toBe(200);
  expect(await statusOf(`${server.url}/`)).toBe(404);
  expect(await statusOf(`${server.url}/healthz/x`)).toBe(404);
  expect(await statusOf(`${server.url}/healthz`, { method: 'POST' })).toBe(404);
});

test('is ready only when every check passes, and says why each failed', async () => {
  const checks: Map<string, Check> = new Map();
  await using server = await startHealthServer({ ...OPTIONS, checks });
  checks.set('store', () => undefined);
  expect(await statusOf(`${server.url}/readyz`)).toBe(200);

  const refuse = () => Promise.reject(new Error('no answer from nats://jane:pa55@broker'));
  checks.set('broker', refuse);
  const response = await fetch(`${server.url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'not ready',
    service: 'tracker',
    checks: {
      store: { ok: true, ms: expect.any(Number) },
      broker: { ok: false, ms: expect.any(Number), reason: 'no answer from nats://***@broker' },
    },
  });
});

test('a slow check is aborted when its time is up, and delays none of the others', async () => {
  let told = false;
  const slow = (signal: AbortSignal) =>
    new Promise<void>(() => {
      signal.addEventListener('abort', () => {
        told = true;
      });
    });
  const checks = new Map([['slow', slow]]);
  await using server = await startHealthServer({ ...OPTIONS, checks });
  const response = await fetch(`${server.url}/readyz`);
  expect(await response.json()).toMatchObject({ checks: { slow: { reason: 'no answer within 2000 ms' } } });
  expect(told).toBe(true);
});

test('closes even if a client keeps its connection open', async () => {
  const server = await startHealthServer(OPTIONS);
  const agent = new Agent({ keepAlive: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  get(`${server.url}/healthz`, { agent }, (response) => response.resume().on('end', resolve)).on(
    'error',
    reject,
  );
  await promise;
  await server[Symbol.asyncDispose]();
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  agent.destroy();
});

test('rejects if the port is taken', async () => {
  await using server = await startHealthServer(OPTIONS);
  await expect(startHealthServer({ ...OPTIONS, port: server.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
