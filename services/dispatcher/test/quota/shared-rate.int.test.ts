/** The shared rate on a real broker: what a crash costs, what a late replica finds, and whose clock counts. */
import { quotaKey } from '@setlist/contracts';
import { type EventLog, openEventLog } from '@setlist/eventlog';
import { startNats, type TestNats } from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { LEASE_MS, type RateState } from '../../src/domain/gcra.ts';
import { SharedRate } from '../../src/quota/shared-rate.ts';

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
  new SharedRate(
    { documents: on.coordination, clock: on.clock, key: quotaKey('polly', name, 'synthesize') },
    LIMIT,
  );
const stateOf = async (name: string): Promise<RateState> => {
  const stored = await log.coordination.get<RateState>(quotaKey('polly', name, 'synthesize'));
  if (!stored) throw new Error('nothing was reserved');
  return stored.value;
};

/** Takes `count` slots one after another. @returns when each was taken, by the broker's clock */
async function take(rate: SharedRate, count: number, backlog = count): Promise<number[]> {
  const times: number[] = [];
  for (let taken = 0; taken < count; taken++) {
    await rate.acquire(never, backlog);
    times.push(log.clock.now());
  }
  return times;
}

test('a replica that dies with its slots costs at most a quarter of a second of rate', async () => {
  const dying = rateOf('dying');
  await take(dying, 1, 10_000);
  // All its other reserved slots are lost; the next replica waits no longer than those.
  expect((await stateOf('dying')).tat).toBeLessThanOrEqual(log.clock.now() + LEASE_MS + 1_000 / LIMIT.rps);
});

test('a replica that starts late gets no burst of its own, and shares the current rate', async () => {
  const begun = log.clock.now();
  await take(rateOf('late'), 3 * LIMIT.burst);
  const times = await take(rateOf('late'), 2 * LIMIT.burst);
  // There is one burst in all: with its own burst, the late one would be done ten slots sooner. Time lost on a busy
  // machine is regained, so it doesn't shorten the total.
  const spentMs = (times.at(-1) ?? 0) - begun;
  expect(spentMs).toBeGreaterThanOrEqual(((4 * LIMIT.burst - 3) * 1_000) / LIMIT.rps);
});

test('a replica that starts later finds a lowered rate', async () => {
  const first = rateOf('lowered');
  await take(first, 1);
  await first.slowDown();
  await take(rateOf('lowered'), 1);
  expect((await stateOf('lowered')).rps).toBeLessThan(LIMIT.rps);
});

test('slots are still given out after the broker’s clock goes back by an hour, despite slots reserved before', async () => {
  let wentBackBy = 0;
  const clock = { now: () => log.clock.now() + HOUR_MS - wentBackBy, measure: () => log.clock.measure() };
  const key = quotaKey('polly', 'went-back', 'synthesize');
  const rate = new SharedRate({ documents: log.coordination, clock, key }, LIMIT);
  await take(rate, LIMIT.burst, 10_000);
  wentBackBy = HOUR_MS;
  await take(rate, LIMIT.burst);
  expect((await stateOf('went-back')).tat).toBeLessThan(log.clock.now() + HOUR_MS / 2);
});

test('a replica whose clock is an hour behind measures it before it could move others’ reservations back', async () => {
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
  await take(new SharedRate({ documents: log.coordination, clock, key }, LIMIT), 1);
  const after = await stateOf('behind');
  expect(after.tat).toBeGreaterThan(before.tat);
  expect(after.changedAt).toBe(before.changedAt);
});

test('a host whose clock is wrong by an hour reserves by the broker’s clock', async () => {
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
    // If the wrong clock held up the others, they would wait for an hour.
    await take(rateOf(name), 1);
  }
});
