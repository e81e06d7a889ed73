import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freshRate, LEASE_MS, lowered, reserve } from './gcra.ts';

const LIMIT = { rps: 80, burst: 100 };

/** Takes slots as fast as they are given out, for `forMs`, in steps of `stepMs`. */
function takeAll(forMs: number, stepMs: number, wanted: number): number[] {
  let state = freshRate(LIMIT, 0);
  const slots: number[] = [];
  for (let now = 0; now < forMs; now += stepMs) {
    // A caller asks again only after it has used up its slots.
    if ((slots.at(-1) ?? 0) > now) continue;
    const reserved = reserve(state, LIMIT, { now, waiting: wanted, ahead: wanted });
    state = reserved.state;
    slots.push(...reserved.slots);
  }
  return slots;
}

describe('the shared rate', () => {
  test('gives out most of the burst at once at the start', () => {
    const { slots } = reserve(freshRate(LIMIT, 0), LIMIT, { now: 0, waiting: 1_000, ahead: 1_000 });
    const atOnce = slots.filter((slot) => slot === 0).length;
    expect(atOnce).toBeGreaterThanOrEqual(70);
    expect(atOnce).toBeLessThanOrEqual(LIMIT.burst);
  });

  test('reserves from a burst only for waiting calls, and from the rate also for those that soon follow', () => {
    const first = reserve(freshRate(LIMIT, 0), LIMIT, { now: 0, waiting: 3, ahead: 10 });
    expect(first.slots).toEqual([0, 0, 0]);
    const all = reserve(first.state, LIMIT, { now: 0, waiting: first.spare, ahead: first.spare });
    expect(all.slots.every((slot) => slot === 0)).toBe(true);
    expect(all.spare).toBe(0);
    expect(reserve(all.state, LIMIT, { now: 0, waiting: 1, ahead: 10 }).slots).toHaveLength(10);
  });

  test('never gives out more than burst and rate allow in any stretch of time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (wanted, stepMs) => {
        const slots = takeAll(5_000, stepMs, wanted);
        for (let first = 0; first < slots.length; first += 7) {
          for (let last = first; last < slots.length; last += 11) {
            const span = (slots[last] ?? 0) - (slots[first] ?? 0);
            expect(last - first + 1).toBeLessThanOrEqual(LIMIT.burst + (span / 1_000) * LIMIT.rps + 1);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('gives out the whole rate over time, and nearly the whole burst', () => {
    const seconds = 15;
    expect(takeAll(seconds * 1_000, 1, 20).length).toBeGreaterThanOrEqual(
      seconds * LIMIT.rps + 0.85 * LIMIT.burst,
    );
  });

  test('reserves no further ahead than the lease, which a dead replica takes with it', () => {
    const { slots } = reserve(freshRate(LIMIT, 0), LIMIT, { now: 0, waiting: 10_000, ahead: 10_000 });
    expect(Math.max(...slots)).toBeLessThanOrEqual(LEASE_MS);
  });

  test('once all of the lease is reserved, says when to ask again and changes nothing', () => {
    const slow = { rps: 0.5, burst: 1 };
    const first = reserve(freshRate(slow, 0), slow, { now: 0, waiting: 3, ahead: 3 });
    expect(first.slots).toEqual([0]);
    const second = reserve(first.state, slow, { now: 0, waiting: 2, ahead: 2 });
    expect(second).toEqual({ state: first.state, slots: [], spare: 0, inMs: 2_000 - LEASE_MS });
    const third = reserve(second.state, slow, { now: second.inMs, waiting: 2, ahead: 2 });
    expect(third.slots).toEqual([2_000]);
  });

  test('still gives out slots and is lowered by throttles after the broker’s clock goes back by an hour', () => {
    const hour = 3_600_000;
    const throttled = lowered(freshRate(LIMIT, hour), LIMIT, hour);
    const ahead = reserve(throttled, LIMIT, { now: hour, waiting: 1, ahead: 1_000 }).state;
    const looked = reserve(ahead, LIMIT, { now: 0, waiting: 1, ahead: 1 });
    const spacing = 1_000 / throttled.rps;
    expect(looked.inMs).toBeLessThanOrEqual(spacing + 1);
    const next = reserve(looked.state, LIMIT, { now: looked.inMs, waiting: 1, ahead: 1 });
    expect(next.slots).toHaveLength(1);
    const [first, again] = [lowered(ahead, LIMIT, 0), lowered(looked.state, LIMIT, 300)];
    expect(first.rps).toBe(ahead.rps);
    expect(again.rps).toBeLessThan(ahead.rps);
    const quiet = reserve(first, LIMIT, { now: 60_000, waiting: 1, ahead: 1 });
    expect(quiet.state.rps).toBe(LIMIT.rps);
  });

  test('never exceeds the limit where the replicas’ clocks differ and rates change', () => {
    const slow = { rps: 2, burst: 2 };
    let state = freshRate(slow, 0);
    const slots: number[] = [];
    for (let now = 0; now < 60_000; now += 10) {
      if (now % 9_000 === 0) state = lowered(state, slow, now);
      const skewed = { now: now + (now % 20 ? 400 : -400), waiting: 5, ahead: 5 };
      const reserved = reserve(state, slow, skewed);
      state = reserved.state;
      slots.push(...reserved.slots);
    }
    expect(slots.length).toBeLessThanOrEqual(slow.burst + 60.4 * slow.rps + 1);
  });

  test('is lowered once by several throttles at a time, and raised again by quiet time', () => {
    const state = freshRate(LIMIT, 0);
    const once = lowered(state, LIMIT, 10_000);
    expect(once.rps).toBeLessThan(LIMIT.rps);
    expect(lowered(once, LIMIT, 10_100)).toBe(once);
    const again = lowered(once, LIMIT, 10_300);
    expect(again.rps / once.rps).toBeLessThan(once.rps / LIMIT.rps);
    const later = reserve(once, LIMIT, { now: 60_000, waiting: 1, ahead: 1 }).state;
    expect(later.rps).toBe(LIMIT.rps);
  });

  test('is lowered to what the account allows even where calls are rare', () => {
    const slow = { rps: 0.5, burst: 1 };
    const once = lowered(freshRate(slow, 0), slow, 100_000);
    const again = lowered(once, slow, 104_000);
    expect(again.rps / once.rps).toBeLessThan(once.rps / slow.rps);
  });

  test('never falls to nothing, however often it is throttled', () => {
    let state = freshRate(LIMIT, 0);
    for (let now = 0; now < 100_000; now += 300) state = lowered(state, LIMIT, now);
    expect(state.rps).toBeGreaterThanOrEqual(1);
  });
});
