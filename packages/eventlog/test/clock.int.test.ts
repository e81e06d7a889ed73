/** The broker's clock as processes measure it: over an outage, and where several of them put the same key. */
import { clockKey } from '@setlist/contracts';
import { eventually, startNats, type TestNats } from '@setlist/testkit';
import { connect, type KV, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrokerClock } from '../src/broker-clock.ts';

let nats: TestNats;
let connection: NatsConnection;
let kv: KV;
beforeAll(async () => {
  nats = await startNats();
  connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  kv = await connection.jetstream({ timeout: 500 }).views.kv('clocks');
});
afterAll(async () => {
  await connection.close();
  await nats[Symbol.asyncDispose]();
});

const hostNow = (): number => performance.timeOrigin + performance.now();
const passed = (ms: number): Promise<boolean> => {
  const begun = performance.now();
  return eventually(() => performance.now() > begun + ms);
};

test('an outage of the broker does not move the clock', async () => {
  using clock = await startBrokerClock(kv, { clientId: 1, everyMs: 50 });
  const ahead = (): number => clock.now() - hostNow();
  const before = ahead();
  let worst = 0;
  const watching = setInterval(() => {
    worst = Math.max(worst, Math.abs(ahead() - before));
  }, 1);
  await nats.kill9();
  await passed(3_000);
  await nats.restart();
  const { revision = 0 } = (await eventually(() => kv.get(clockKey(1)))) ?? {};
  await eventually(async () => ((await kv.get(clockKey(1)))?.revision ?? 0) > revision + 10);
  clearInterval(watching);
  // Half of the outage, where the wait for the broker was taken for the way there.
  expect(worst).toBeLessThan(750);
});

test('a key that another process has put meanwhile is not taken for one’s own', async () => {
  using own = await startBrokerClock(kv, { clientId: 2 });
  let shared = 0;
  const busy = {
    put: (key: string, value: string) => kv.put(key, value),
    async get(key: string) {
      if (++shared > 5) return kv.get(key);
      await passed(300);
      await kv.put(key, '');
      return kv.get(key);
    },
  } as KV;
  using other = await startBrokerClock(busy, { clientId: 3 });
  expect(Math.abs(own.now() - other.now())).toBeLessThan(150);
});

test('any number of connections leaves a hundred keys', () => {
  const keys = Array.from({ length: 10_000 }, (_, clientId) => clockKey(clientId));
  expect(new Set(keys).size).toBe(100);
});
