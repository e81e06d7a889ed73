/** Debounced work of the page. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onceItRests } from '../../page/src/state/once-it-rests.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('work that is cancelled during the rest never starts', () => {
  const work = vi.fn();
  const callOff = onceItRests(200, work);
  vi.advanceTimersByTime(199);
  callOff();
  vi.advanceTimersByTime(200);
  expect(work).not.toHaveBeenCalled();
});

test('work that has started is aborted when it is cancelled', () => {
  let aborted: AbortSignal | undefined;
  const callOff = onceItRests(200, (signal) => {
    aborted = signal;
  });
  vi.advanceTimersByTime(200);
  expect(aborted?.aborted).toBe(false);
  callOff();
  expect(aborted?.aborted).toBe(true);
});
