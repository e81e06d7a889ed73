import { expect, test } from 'vitest';
import { settlesWithin, sleep } from './sleep.ts';

test('sleep ends early with the reason of the signal', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const asleep = sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  await expect(sleep(0, controller.signal)).rejects.toBe(reason);
});

test('sleep refuses what a timer would take for no delay', async () => {
  for (const ms of [2 ** 31, -1, Number.NaN]) await expect(sleep(ms)).rejects.toThrow(RangeError);
});

test('settlesWithin tells an end in time from one that does not come', async () => {
  expect(await settlesWithin(60_000, sleep(1))).toBe(true);
  expect(await settlesWithin(1, new Promise(() => {}))).toBe(false);
  expect(await settlesWithin(2 ** 40, sleep(1))).toBe(true);
  await expect(settlesWithin(60_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
