/** When the page begins with work that waits for a rest. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onceItRests } from '../page/src/state/once-it-rests.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('work that is called off before the rest is over never begins', () => {
  const work = vi.fn();
  const callOff = onceItRests(200, work);
  vi.advanceTimersByTime(199);
  callOff();
  vi.advanceTimersByTime(200);
  expect(work).not.toHaveBeenCalled();
});

test('work that has begun is aborted when it is called off', () => {
  let aborted: AbortSignal | undefined;
  const callOff = onceItRests(200, (signal) => {
    aborted = signal;
  });
  vi.advanceTimersByTime(200);
  expect(aborted?.aborted).toBe(false);
  callOff();
  expect(aborted?.aborted).toBe(true);
});
