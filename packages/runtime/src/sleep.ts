/** Waiting, with an end to it: by a signal, or by a limit. */
import { setTimeout as delay } from 'node:timers/promises';

/** The longest delay a timer of Node takes; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * Resolves after `ms` milliseconds; rejects with the signal's own reason when `signal` aborts first.
 *
 * @throws RangeError when `ms` is not between 0 and 2^31 − 1 (24.8 days).
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (!(ms >= 0 && ms <= LONGEST_DELAY_MS)) {
    throw new RangeError(`sleep takes 0 to ${LONGEST_DELAY_MS} ms, got ${ms}`);
  }
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/**
 * Waits at most `ms` milliseconds for `work` to settle and says whether it did; a rejection passes through.
 * The work goes on after the limit: whoever started it decides what becomes of it.
 */
export async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const settled = new AbortController();
  const limit = sleep(ms, settled.signal).then(
    () => false,
    () => true,
  );
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    settled.abort();
  }
}
