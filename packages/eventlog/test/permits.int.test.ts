import { startNats, type TestNats } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type EventLog, openEventLog, PERMIT_LEASE_MS, type Permit } from '../src/index.ts';

let nats: TestNats;
let log: EventLog;
beforeAll(async () => {
  nats = await startNats();
  log = await openEventLog({ servers: nats.url, name: 'test' });
});
afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

const never = new AbortController().signal;

test('no more permits are out at once than there are, over two replicas, and each comes round', async () => {
  await using other = await openEventLog({ servers: nats.url, name: 'other' });
  const of = { provider: 'polly', engine: 'neural', limit: 3 };
  const here = await log.permits(of);
  const there = await other.permits(of);
  let out = 0;
  let most = 0;
  const useOne = async (permits: typeof here): Promise<void> => {
    const permit = await permits.take(never);
    most = Math.max(most, ++out);
    await new Promise((resolve) => setImmediate(resolve));
    out--;
    permit?.[Symbol.dispose]();
  };
  await Promise.all(Array.from({ length: 40 }, (_, index) => useOne(index % 2 === 0 ? here : there)));
  expect(most).toBeLessThanOrEqual(3);
});

test('a holder whose connection is gone loses its permits within the lease, and a little', async () => {
  const of = { provider: 'polly', engine: 'standard', limit: 2 };
  const dying = await openEventLog({ servers: nats.url, name: 'dying' });
  const held: (Permit | undefined)[] = [];
  const permits = await dying.permits(of);
  for (let count = 0; count < 2; count++) held.push(await permits.take(never));
  expect(held).toHaveLength(2);
  await dying[Symbol.asyncDispose]();
  const since = performance.now();
  const got = await (await log.permits(of)).take(never);
  expect(got).toBeDefined();
  expect(performance.now() - since).toBeLessThan(PERMIT_LEASE_MS + 1_500);
  got?.[Symbol.dispose]();
});

test('permits are still there after the broker was killed', async () => {
  const of = { provider: 'local', engine: 'neural', limit: 2 };
  const permits = await log.permits(of);
  const before = await permits.take(never);
  await nats.kill9();
  await nats.restart();
  before?.[Symbol.dispose]();
  const [one, two] = [await permits.take(never), await permits.take(never)];
  expect([one, two].every((permit) => permit !== undefined)).toBe(true);
  one?.[Symbol.dispose]();
  two?.[Symbol.dispose]();
}, 60_000);
