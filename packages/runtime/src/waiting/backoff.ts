/** How long to wait before a retry, so that clients that failed together don't retry together. */

export type BackoffOptions = {
  /** Upper bound of the first wait, in milliseconds. */
  baseMs: number;
  /** Upper bound of any wait, in milliseconds. */
  capMs: number;
  /** A number in [0, 1); `Math.random` by default. */
  random?: () => number;
};

/**
 * Exponential back-off with full jitter: a whole number of milliseconds, evenly spread from 0 to
 * `min(capMs, baseMs × 2^(attempt − 1))`; `attempt` is 1 after the first failure.
 *
 * Full jitter needs the fewest calls of the usual schemes:
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffDelayMs(
  attempt: number,
  { baseMs, capMs, random = Math.random }: BackoffOptions,
): number {
  if (!Number.isInteger(attempt) || attempt < 1) {
    throw new RangeError(`backoffDelayMs counts attempts from 1, got ${attempt}`);
  }
  const ceilingMs = Math.min(capMs, baseMs * 2 ** (attempt - 1));
  return Math.floor(random() * (ceilingMs + 1));
}
