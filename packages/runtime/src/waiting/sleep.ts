/** Waits that a signal or a limit can end. */
import { setTimeout as delay } from 'node:timers/promises';

/** The longest delay that a timer of Node accepts; a longer one fires at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * Resolves after `ms` milliseconds; rejects with the signal's reason if `signal` aborts first.
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
 * Sleeps until `ms` milliseconds are over or `signal` aborts, and does not reject for that: for loops that check the
 * signal.
 *
 * @throws RangeError as {@link sleep} does
 */
export async function sleepAtMost(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * Waits at most `ms` milliseconds for `work` to settle and returns whether it did; a rejection passes through.
 * The work continues after the limit; the caller decides what to do with it.
 *
 * @throws RangeError as {@link sleep} does
 */
export async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const settled = new AbortController();
  const limit = sleepAtMost(ms, settled.signal).then(() => false);
  try {
    return await Promise.race([work.then(() => true), limit]);
  } finally {
    settled.abort();
  }
}
