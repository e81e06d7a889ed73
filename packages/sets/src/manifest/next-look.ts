/** When a cancelled set's manifest is written again, for the items that were in flight when it was cancelled. */

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

/** How long after a cancellation, in ms, to check a set again: items in flight still end, a Polly task within hours. */
const LOOKS_AFTER_CANCEL_MS = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, DAY_MS];

/** In how many ms to check a set again that was cancelled `sinceMs` ago; `undefined` for never. */
export function nextLookMs(sinceMs: number): number | undefined {
  const next = LOOKS_AFTER_CANCEL_MS.find((lookMs) => lookMs > sinceMs);
  return next === undefined ? undefined : next - sinceMs;
}
