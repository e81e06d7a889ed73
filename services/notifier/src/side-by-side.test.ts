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

test('a wait ends with the signal, and what is to be looked at anew is not tried again', async () => {
  const stopping = new AbortController();
  const slow = Promise.withResolvers<Delivery>();
  const [waiting, overtaken] = [answering(after(600_000)), answering(anew)];
  const end = sideBySide([waiting, overtaken, () => slow.promise], stopping.signal);
  stopping.abort();
  slow.resolve(settled);
  expect(await end).toBe(0);
  for (const channel of [waiting, overtaken]) expect(channel).toHaveBeenCalledTimes(1);
});
