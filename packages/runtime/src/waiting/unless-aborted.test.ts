import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { unlessAborted } from './unless-aborted.ts';

const never = (): Promise<never> => new Promise(() => undefined);

test('unlessAborted throws the reason of a signal that aborts first or has already aborted', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const waiting = unlessAborted(never(), controller.signal);
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(unlessAborted(never(), controller.signal)).rejects.toBe(reason);
});

test('unlessAborted returns the result of the work, and removes its listener', async () => {
  const { signal } = new AbortController();
  expect(await unlessAborted(Promise.resolve('done'), signal)).toBe('done');
  await expect(unlessAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a failure of the work after the abort is ignored', async () => {
  const work = Promise.withResolvers<never>();
  await expect(unlessAborted(work.promise, AbortSignal.abort(new Error('left')))).rejects.toThrow('left');
  work.reject(new Error('too late'));
});
