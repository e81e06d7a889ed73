/**
 * At random moments one process is killed with -9 while 300 items run by both paths; the short items of every second set
 * can go by either. Afterwards every item is there once, every event once, each notice once, and only calls whose
 * caller died are paid for twice.
 * By hand, with more moments: `npm run test:kills -- --seed 7 --moments 200`.
 */
import { beforeAll, expect, test } from 'vitest';
import { describeMoment, momentOf } from './kills/moments.ts';
import { runMoments } from './kills/run-moments.ts';
import type { Result } from './kills/summary.ts';

const SEED = Number(process.env.KILL_SEED ?? 7);
const MOMENTS = 25;
const SYSTEMS_AT_ONCE = 2;
const numbers = Array.from({ length: MOMENTS }, (_, index) => index + 1);

const results = new Map(numbers.map((number) => [number, Promise.withResolvers<Result>()]));
let running: Promise<void> = Promise.resolve();
beforeAll(() => {
  const onResult = (result: Result) => results.get(result.moment.number)?.resolve(result);
  running = runMoments({ seed: SEED, numbers, labs: SYSTEMS_AT_ONCE, onResult });
  // Awaited below; a failure to start fails every moment.
  running.catch((error: unknown) => {
    for (const { reject } of results.values()) reject(error);
  });
  for (const { promise } of results.values()) promise.catch(() => undefined);
});

for (const number of numbers)
  test(`seed ${SEED}, ${describeMoment(momentOf(SEED, number))}`, async () => {
    const result = await results.get(number)?.promise;
    expect(result?.wrong).toEqual([]);
  }, 600_000);

test('tasks took short items too where a set lets them', async () => {
  const all = await Promise.all([...results.values()].map(({ promise }) => promise));
  for (const { moment, shortByTask } of all) if (!moment.bothPaths) expect(shortByTask).toBe(0);
  expect(all.filter(({ shortByTask = 0 }) => shortByTask > 0).length).toBeGreaterThan(0);
}, 60_000);

test('all systems end when told to', () => running, 60_000);
