/** How fast a set goes, from what was seen of it over the last half minute. */
import type { SetSummary } from '../api/types.ts';

interface Sample {
  readonly at: number;
  readonly done: number;
}

const WINDOW_MS = 30_000;
const samples = new Map<string, Sample[]>();

export const doneOf = ({ counts }: SetSummary): number => counts.completed + counts.failed;

export function notePace(set: SetSummary): void {
  const now = performance.now();
  const seen = (samples.get(set.setId) ?? []).filter(({ at }) => now - at < WINDOW_MS);
  seen.push({ at: now, done: doneOf(set) });
  samples.set(set.setId, seen);
}

/** Items a second; nothing where too little has been seen. */
export function rateOf({ setId }: SetSummary): number | undefined {
  const seen = samples.get(setId) ?? [];
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || last.at - first.at < 1_000) return undefined;
  return Math.max(0, ((last.done - first.done) * 1_000) / (last.at - first.at));
}

/** Seconds until a running set is done, at its present pace. */
export function secondsLeft(set: SetSummary): number | undefined {
  const rate = rateOf(set);
  if (set.state !== 'running' || !rate) return undefined;
  return (set.counts.total - doneOf(set)) / rate;
}
