import { StoreError } from '@setlist/storage';
import { expect, test, vi } from 'vitest';
import { untilUsable } from './store-at-start.ts';

const full = new StoreError('full', 'the disk is full', { remedy: 'Make room.' });
const gone = new StoreError('unavailable', 'there is no such bucket', { remedy: 'Create it.' });
const denied = new StoreError('denied', 'no rights', { remedy: 'Give rights.' });
const { signal } = new AbortController();

test('a dispatcher waits for a store that is full, says each reason once, and begins when there is room', async () => {
  const logger = { warn: vi.fn(), info: vi.fn() };
  const reasons = [full, full, gone];
  const check = vi.fn(async () => {
    const error = reasons.shift();
    if (error) throw error;
  });
  await untilUsable(check, { logger, signal, againMs: 1 });
  expect(check).toHaveBeenCalledTimes(4);
  expect(logger.warn).toHaveBeenCalledTimes(2);
  expect(logger.info).toHaveBeenCalledOnce();
});

test('one that may not write there ends at once, and one that is stopped waits no longer', async () => {
  const logger = { warn: vi.fn(), info: vi.fn() };
  await expect(untilUsable(() => Promise.reject(denied), { logger, signal })).rejects.toBe(denied);
  const stop = new AbortController();
  const waiting = untilUsable(() => Promise.reject(full), { logger, signal: stop.signal, againMs: 60_000 });
  await vi.waitFor(() => expect(logger.warn).toHaveBeenCalled());
  stop.abort();
  await waiting;
});
