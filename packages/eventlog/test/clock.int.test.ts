/** The broker's clock as processes measure it: during an outage, and when several of them write the same key. */
import { clockKey } from '@setlist/contracts';
import { eventually, startNats, type TestNats } from '@setlist/testkit';
import { connect, type KV, type NatsConnection } from 'nats';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBrokerClock } from '../src/broker-clock.ts';
import { HostClock } from '../src/host-clock.ts';

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
  // It would be half of the outage if the wait for the broker counted as part of the round trip.
  expect(worst).toBeLessThan(750);
});

test('a key that another process wrote in between is not taken for one’s own', async () => {
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

/** A host that sleeps on demand, and knows only to a second and a half how long it slept. */
function sleepyHost() {
  let sleptMs = 0;
  const steady = (): number => hostNow() - sleptMs;
  const clock = new HostClock({ steady, wall: Date.now, up: () => steady() + 1.05 * sleptMs });
  return { clock, sleep: (ms: number) => (sleptMs += ms) };
}

test('after a sleep, the clock is roughly right at once, and exact to the millisecond soon after', async () => {
  using awake = await startBrokerClock(kv, { clientId: 4 });
  const host = sleepyHost();
  using sleepy = await startBrokerClock(kv, { clientId: 5, host: host.clock });
  const behind = (): number => Math.abs(awake.now() - sleepy.now());
  host.sleep(30_000);
  expect(behind()).toBeLessThan(2_000);
  await eventually(() => behind() < 150);
});

test('a clock that lags behind a time it has seen is right after a new measurement', async () => {
  using awake = await startBrokerClock(kv, { clientId: 6 });
  let heldUpMs = 0;
  const paused = (): number => hostNow() - heldUpMs;
  const host = new HostClock({ steady: paused, wall: paused, up: paused });
  using behind = await startBrokerClock(kv, { clientId: 7, host });
  heldUpMs = 30_000;
  expect(awake.now() - behind.now()).toBeGreaterThan(20_000);
  await behind.measure();
  expect(Math.abs(awake.now() - behind.now())).toBeLessThan(150);
});

test('any number of connections uses at most a hundred keys', () => {
  const keys = Array.from({ length: 10_000 }, (_, clientId) => clockKey(clientId));
  expect(new Set(keys).size).toBe(100);
});
