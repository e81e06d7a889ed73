import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Untaken } from './untaken.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the number of untaken requests is fetched every second while it matters, and passed on', async () => {
  const logger = { warn: vi.fn() } as never;
  const onPayable = vi.fn();
  const answers = [64, 1_000];
  const reader = { untaken: vi.fn(async () => answers.shift() ?? 0) };
  let counts = false;
  using untaken = new Untaken(
    { logger },
    reader,
    { at: { setId: 'a', lane: 'neural' }, onPayable },
    () => counts,
  );
  await vi.advanceTimersByTimeAsync(3_000);
  expect(reader.untaken).not.toHaveBeenCalled();
  counts = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(untaken.count).toBe(64);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(untaken.count).toBe(1_000);
  expect(onPayable).toHaveBeenCalledTimes(2);
});

test('a count that fails is logged and retried', async () => {
  const warn = vi.fn();
  const reader = { untaken: vi.fn().mockRejectedValueOnce(new Error('odd')).mockResolvedValue(7) };
  const options = { at: { setId: 'a', lane: 'neural' }, onPayable: vi.fn() };
  using untaken = new Untaken({ logger: { warn } as never }, reader, options, () => true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(untaken.count).toBe(7);
  expect(warn).toHaveBeenCalledOnce();
});
