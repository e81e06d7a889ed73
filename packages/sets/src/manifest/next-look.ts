/** When a cancelled set's manifest is written again, for what was under way at that time. */

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

/** What was under way when a set was cancelled still ends, a task of Polly within hours: it is looked at again so long after. */
const LOOKS_AFTER_CANCEL_MS = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, DAY_MS];

/** In how many ms to look again at a set that was cancelled so long ago, or nothing. */
export function nextLookMs(sinceMs: number): number | undefined {
  const next = LOOKS_AFTER_CANCEL_MS.find((lookMs) => lookMs > sinceMs);
  return next === undefined ? undefined : next - sinceMs;
}
