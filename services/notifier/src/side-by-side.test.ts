/** What becomes of one channel's wait while another is still being tried. */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Delivery } from './deliver.ts';
import { sideBySide } from './side-by-side.ts';

const never = new AbortController().signal;
const settled: Delivery = { settled: true };
const after = (retryInMs: number): Delivery => ({ settled: false, retryInMs });
const anew: Delivery = { settled: false, retryInMs: 0, anew: true };

/** A channel that gives these answers, the last one again and again. */
function answering(...answers: Delivery[]) {
  return vi.fn(async () => (answers.length > 1 ? answers.shift() : answers[0]) ?? settled);
}

test('a channel is tried again while another has not answered, however long that takes', async () => {
  const slow = Promise.withResolvers<Delivery>();
  // A back-off can be 0.
  const busy = answering(after(1), after(0), settled);
  const end = sideBySide([() => slow.promise, busy], never);
  await vi.waitFor(() => expect(busy).toHaveBeenCalledTimes(3), { timeout: 60_000 });
  slow.resolve(settled);
  expect(await end).toBeUndefined();
  expect(busy).toHaveBeenCalledTimes(3);
});

test('the shortest wait is returned as soon as no channel is being tried', async () => {
  const tries = [answering(after(3_600_000)), answering(after(600_000)), answering(settled)];
  expect(await sideBySide(tries, never)).toBe(600_000);
  for (const channel of tries) expect(channel).toHaveBeenCalledTimes(1);
});

test('a wait that began while another channel was being tried is returned without what has passed of it', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const slow = Promise.withResolvers<Delivery>();
  const end = sideBySide([answering(after(600_000)), () => slow.promise], never);
  // The wait begins before anything that is put on the event loop now.
  await new Promise(setImmediate);
  vi.advanceTimersByTime(20_000);
  slow.resolve(settled);
  expect(await end).toBe(580_000);
});

test('a wait ends with the signal, and its channel is not tried again', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const stopping = new AbortController();
  const slow = Promise.withResolvers<Delivery>();
  const waiting = answering(after(600_000));
  const end = sideBySide([waiting, () => slow.promise], stopping.signal);
  await new Promise(setImmediate);
  stopping.abort();
  await new Promise(setImmediate);
  // What is left was counted when the signal came.
  vi.advanceTimersByTime(20_000);
  slow.resolve(settled);
  expect(await end).toBe(600_000);
  expect(waiting).toHaveBeenCalledOnce();
});

test('a channel whose event is to be looked at anew is not tried again, while the others are', async () => {
  const slow = Promise.withResolvers<Delivery>();
  const overtaken = answering(anew);
  const busy = answering(after(1), after(1), settled);
  const end = sideBySide([overtaken, busy, () => slow.promise], never);
  await vi.waitFor(() => expect(busy).toHaveBeenCalledTimes(3), { timeout: 60_000 });
  slow.resolve(settled);
  expect(await end).toBe(0);
  expect(overtaken).toHaveBeenCalledOnce();
});
