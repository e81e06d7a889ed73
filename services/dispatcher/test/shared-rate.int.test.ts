/** The shared rate on a real broker: what a death costs, what a late replica finds, and whose clock counts. */
import { quotaKey } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { startNats, type TestNats } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { LEASE_MS, type RateState } from '../src/domain/gcra.ts';
import { SharedRate } from '../src/quota/shared-rate.ts';

const LIMIT = { rps: 100, burst: 10 };
const HOUR_MS = 3_600_000;

let nats: TestNats;
let log: EventLog;
beforeAll(async () => {
  nats = await startNats();
  log = await openEventLog({ servers: nats.url, name: 'test' });
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await log[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
});

const never = new AbortController().signal;
const rateOf = (name: string, on: EventLog = log): SharedRate =>
  new SharedRate({ documents: on.quota, clock: on.clock, key: quotaKey('polly', name, 'synthesize') }, LIMIT);
const stateOf = async (name: string): Promise<RateState> => {
  const stored = await log.quota.get<RateState>(quotaKey('polly', name, 'synthesize'));
  if (!stored) throw new Error('nothing was reserved');
  return stored.value;
};

/** Takes so many slots, one after the other. @returns when each was due to be used, on the broker's clock */
async function take(rate: SharedRate, count: number, backlog = count): Promise<number[]> {
  const times: number[] = [];
  for (let taken = 0; taken < count; taken++) {
    await rate.acquire(never, backlog);
    times.push(log.clock.now());
  }
  return times;
}

test('a replica that dies with its slots takes no more than a quarter of a second of rate with it', async () => {
  const dying = rateOf('dying');
  await take(dying, 1, 10_000);
  // All that it reserved beyond the one it used is lost; whoever comes next waits for no longer than that.
  expect((await stateOf('dying')).tat).toBeLessThanOrEqual(log.clock.now() + LEASE_MS + 1_000 / LIMIT.rps);
});

test('a replica that comes late finds the burst used and the rate as it runs', async () => {
  const begun = log.clock.now();
  await take(rateOf('late'), 3 * LIMIT.burst);
  const times = await take(rateOf('late'), 2 * LIMIT.burst);
  // One burst in all: with another of its own, the late one would be done ten moments sooner. What a busy machine lets
  // pass in between is regained, and so does not shorten the whole.
  const spentMs = (times.at(-1) ?? 0) - begun;
  expect(spentMs).toBeGreaterThanOrEqual(((4 * LIMIT.burst - 3) * 1_000) / LIMIT.rps);
});

test('a lowered rate is found lowered by whoever comes later', async () => {
  const first = rateOf('lowered');
  await take(first, 1);
  await first.slowDown();
  await take(rateOf('lowered'), 1);
  expect((await stateOf('lowered')).rps).toBeLessThan(LIMIT.rps);
});

test('goes on when the broker’s clock goes back by an hour, and with what was reserved by the clock as it was', async () => {
  let wentBackBy = 0;
  const clock = { now: () => log.clock.now() + HOUR_MS - wentBackBy, measure: () => log.clock.measure() };
  const key = quotaKey('polly', 'went-back', 'synthesize');
  const rate = new SharedRate({ documents: log.quota, clock, key }, LIMIT);
  await take(rate, LIMIT.burst, 10_000);
  wentBackBy = HOUR_MS;
  await take(rate, LIMIT.burst);
  expect((await stateOf('went-back')).tat).toBeLessThan(log.clock.now() + HOUR_MS / 2);
});

test('a replica whose clock is an hour behind until it is measured anew moves back nothing that others reserved', async () => {
  const others = rateOf('behind');
  await take(others, LIMIT.burst);
  let behindBy = HOUR_MS;
  const clock = {
    now: () => log.clock.now() - behindBy,
    async measure() {
      behindBy = 0;
    },
  };
  const key = quotaKey('polly', 'behind', 'synthesize');
  const before = await stateOf('behind');
  await take(new SharedRate({ documents: log.quota, clock, key }, LIMIT), 1);
  const after = await stateOf('behind');
  expect(after.tat).toBeGreaterThan(before.tat);
  expect(after.changedAt).toBe(before.changedAt);
});

test('a host whose clock is an hour wrong reserves by the broker’s', async () => {
  const origin = performance.timeOrigin;
  for (const wrongBy of [HOUR_MS, -HOUR_MS]) {
    vi.spyOn(performance, 'timeOrigin', 'get').mockReturnValue(origin + wrongBy);
    vi.spyOn(Date, 'now').mockImplementation(() => origin + performance.now() + wrongBy);
    const name = wrongBy > 0 ? 'fast' : 'slow';
    await using wrong = await openEventLog({ servers: nats.url, name });
    await take(rateOf(name, wrong), 1);
    vi.restoreAllMocks();
    expect(Math.abs(wrong.clock.now() - wrongBy - log.clock.now())).toBeGreaterThan(HOUR_MS / 2);
    expect(Math.abs((await stateOf(name)).tat - log.clock.now())).toBeLessThan(10_000);
    // Held up by it, the others would wait for an hour.
    await take(rateOf(name), 1);
  }
});
