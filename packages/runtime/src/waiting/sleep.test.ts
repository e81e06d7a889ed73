import { expect, test } from 'vitest';
import { settlesWithin, sleep, sleepAtMost } from './sleep.ts';

test('sleep ends early with the reason of the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const asleep = sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  await expect(sleep(0, controller.signal)).rejects.toBe(reason);
});

test('sleep refuses what a timer would take for no delay', async () => {
  const { signal } = new AbortController();
  for (const ms of [2 ** 31, -1, Number.NaN]) {
    await expect(sleep(ms)).rejects.toThrow(RangeError);
    await expect(sleepAtMost(ms, signal)).rejects.toThrow(RangeError);
    await expect(settlesWithin(ms, new Promise(() => {}))).rejects.toThrow(RangeError);
  }
});

test('sleepAtMost takes an abort for an early end', async () => {
  const controller = new AbortController();
  const asleep = sleepAtMost(60_000, controller.signal);
  controller.abort();
  await asleep;
  await sleepAtMost(60_000, controller.signal);
});

test('settlesWithin tells an end in time from one that does not come', async () => {
  expect(await settlesWithin(60_000, sleep(1))).toBe(true);
  expect(await settlesWithin(1, new Promise(() => {}))).toBe(false);
  await expect(settlesWithin(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
