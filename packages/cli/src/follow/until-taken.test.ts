import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { SetSummary } from '@setlist/contracts';
import type { Documents } from '@setlist/eventlog';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { untilTaken } from './until-taken.ts';

beforeEach(() => {
  vi.useFakeTimers();
  // Its timers go by the real clock otherwise.
  vi.spyOn(timers, 'setTimeout').mockImplementation((ms) => new Promise((done) => void setTimeout(done, ms)));
  syncBuiltinESMExports();
});
afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  vi.useRealTimers();
});

test('waits for many sets as long as ever more of them are found, and looks at few at a time', async () => {
  const setIds = Array.from({ length: 500 }, (_, index) => `s-${index}`);
  const began = performance.now();
  const gets = new Map<number, number>();
  const get = async (key: string) => {
    const since = performance.now() - began;
    const step = Math.floor(since / 100);
    gets.set(step, (gets.get(step) ?? 0) + 1);
    // The last named is taken first.
    const isTaken = since >= (500 - Number(key.split('-')[1])) * 50;
    return isTaken ? { key, value: {} as SetSummary, revision: 1, storedAt: new Date() } : undefined;
  };
  const log = { sets: { get } as unknown as Documents };
  const taken = untilTaken(log, { setIds, items: 500, goesOn: () => true }, new AbortController().signal);
  await vi.advanceTimersByTimeAsync(30_000);
  expect((await taken).size).toBe(500);
  expect(Math.max(...gets.values())).toBeLessThanOrEqual(64);
});
