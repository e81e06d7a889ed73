/** How often the same line is logged. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Rarely } from './rarely.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('each subject is due at first, and again once its time has passed', () => {
  const rarely = new Rarely(1_000);
  expect([rarely.isDue('a'), rarely.isDue('a'), rarely.isDue('b')]).toEqual([true, false, true]);
  vi.advanceTimersByTime(999);
  expect(rarely.isDue('a'), 'a question does not delay it').toBe(false);
  vi.advanceTimersByTime(1);
  expect([rarely.isDue('a'), rarely.isDue('a')]).toEqual([true, false]);
});
