import { expect, test } from 'vitest';
import { settlesWithin, sleep, sleepAtMost } from './sleep.ts';

test('sleep ends early with the signal’s reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const asleep = sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  await expect(sleep(0, controller.signal)).rejects.toBe(reason);
});

test('sleep refuses delays that a timer would treat as none', async () => {
  const { signal } = new AbortController();
  for (const ms of [2 ** 31, -1, Number.NaN]) {
    await expect(sleep(ms)).rejects.toThrow(RangeError);
    await expect(sleepAtMost(ms, signal)).rejects.toThrow(RangeError);
    await expect(settlesWithin(ms, new Promise(() => {}))).rejects.toThrow(RangeError);
  }
});

test('sleepAtMost treats an abort as an early end', async () => {
  const controller = new AbortController();
  const asleep = sleepAtMost(60_000, controller.signal);
  controller.abort();
  await asleep;
  await sleepAtMost(60_000, controller.signal);
});

test('settlesWithin tells whether work ends in time', async () => {
  expect(await settlesWithin(60_000, sleep(1))).toBe(true);
  expect(await settlesWithin(1, new Promise(() => {}))).toBe(false);
  await expect(settlesWithin(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
