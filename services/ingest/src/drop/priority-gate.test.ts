import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PriorityGate } from './priority-gate.ts';

/** Whether the way is clear by the end of this turn of the event loop. */
const isClear = (gate: PriorityGate): Promise<boolean> =>
  Promise.race([gate.clear().then(() => true), setImmediate(false)]);

test('requests wait for a file until it has passed, and the file gets its result or failure', async () => {
  const gate = new PriorityGate();
  expect(await isClear(gate)).toBe(true);
  const steps = Promise.withResolvers<string>();
  const passed = gate.pass(() => steps.promise);
  expect(await isClear(gate)).toBe(false);
  steps.resolve('accepted');
  expect(await passed).toBe('accepted');
  expect(await isClear(gate)).toBe(true);
  await expect(gate.pass(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  expect(await isClear(gate)).toBe(true);
});

test('they wait neither for a file that takes long, nor for one that comes later', async () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const hasty = new PriorityGate(1);
  void hasty.pass(never);
  await hasty.clear();
  const gate = new PriorityGate(60_000);
  const steps = Promise.withResolvers<void>();
  void gate.pass(() => steps.promise);
  const clear = gate.clear();
  void gate.pass(never);
  steps.resolve();
  await clear;
});
