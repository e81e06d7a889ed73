import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Untaken } from './untaken.ts';

const AT = { setId: 'a', lane: 'neural' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the number of untaken requests is fetched every second while it matters, and passed on', async () => {
  const logger = { warn: vi.fn() } as never;
  const onPayable = vi.fn();
  const answers = [64, 1_000];
  const reader = { progress: vi.fn(async () => ({ place: 8, pending: answers.shift() ?? 0 })) };
  let counts = false;
  using untaken = new Untaken({ logger }, reader, { at: AT, items: 0, onPayable }, () => counts);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(reader.progress).not.toHaveBeenCalled();
  counts = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(untaken.count).toBe(64);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(untaken.count).toBe(1_000);
  expect(onPayable).toHaveBeenCalledTimes(2);
});

test('a count that fails is logged and retried', async () => {
  const warn = vi.fn();
  const progress = vi
    .fn()
    .mockRejectedValueOnce(new Error('odd'))
    .mockResolvedValue({ place: 1, pending: 7 });
  const reader = { progress };
  const options = { at: AT, items: 0, onPayable: vi.fn() };
  using untaken = new Untaken({ logger: { warn } as never }, reader, options, () => true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(untaken.count).toBe(7);
  expect(warn).toHaveBeenCalledOnce();
});

test('items that ingest has yet to request count as untaken', () => {
  const options = { at: AT, items: 1_000, onPayable: vi.fn() };
  using untaken = new Untaken({ logger: {} as never }, { progress: vi.fn() }, options, () => false);
  untaken.seen({ place: 1, pending: 63 });
  expect(untaken.count).toBe(999);
  // Redeliveries take places too.
  untaken.seen({ place: 1_400, pending: 20 });
  expect(untaken.count).toBe(20);
});
