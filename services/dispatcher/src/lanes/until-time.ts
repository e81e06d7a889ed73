/** Waits for a moment on the broker's clock, however far away. */
import { sleepAtMost } from '@setlist/runtime';

/** A day: timers take at most 24 days. */
const LONGEST_SLEEP_MS = 86_400_000;

/** Resolves once `time` (ms since 1970) has come on the clock, or when the signal aborts. */
export async function untilTime(clock: { now(): number }, time: number, signal: AbortSignal): Promise<void> {
  const leftMs = (): number => time - clock.now();
  for (let left = leftMs(); left > 0 && !signal.aborted; left = leftMs())
    await sleepAtMost(Math.min(left, LONGEST_SLEEP_MS), signal);
}
