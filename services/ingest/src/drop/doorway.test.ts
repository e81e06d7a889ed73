import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Doorway } from './doorway.ts';

/** Whether the way is clear by the end of this turn of the event loop. */
const isClear = (doorway: Doorway): Promise<boolean> =>
  Promise.race([doorway.clear().then(() => true), setImmediate(false)]);

test('requests wait for a file until it has passed, and the file gets its result or failure', async () => {
  const doorway = new Doorway();
  expect(await isClear(doorway)).toBe(true);
  const steps = Promise.withResolvers<string>();
  const passed = doorway.pass(() => steps.promise);
  expect(await isClear(doorway)).toBe(false);
  steps.resolve('accepted');
  expect(await passed).toBe('accepted');
  expect(await isClear(doorway)).toBe(true);
  await expect(doorway.pass(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await isClear(doorway)).toBe(true);
});

test('they wait neither for a file that takes long, nor for one that comes later', async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const hasty = new Doorway(1);
  void hasty.pass(never);
  await hasty.clear();
  const doorway = new Doorway(60_000);
  const steps = Promise.withResolvers<void>();
  void doorway.pass(() => steps.promise);
  const clear = doorway.clear();
  void doorway.pass(never);
  steps.resolve();
  await clear;
});
