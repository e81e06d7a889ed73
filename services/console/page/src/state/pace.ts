/** How fast a set goes: as seen over the last half minute, or on average since its round began. */
import type { SetSummary } from '../api/types.ts';

interface Sample {
  readonly at: number;
  readonly done: number;
}

const WINDOW_MS = 30_000;
/** Less than this says nothing of the pace. */
const SHORTEST_MS = 2_000;
const samples = new Map<string, readonly Sample[]>();

export const doneOf = ({ counts }: SetSummary): number => counts.completed + counts.failed;

const recent = (setId: string, now: number): readonly Sample[] =>
  (samples.get(setId) ?? []).filter(({ at }) => now - at < WINDOW_MS);

export function notePace(set: SetSummary): void {
  const now = performance.now();
  if (set.state !== 'running') samples.delete(set.setId);
  else samples.set(set.setId, [...recent(set.setId, now), { at: now, done: doneOf(set) }]);
}

/** Items a second; nothing where the set doesn't run, or too little has been seen. */
export function rateOf(set: SetSummary): number | undefined {
  if (set.state !== 'running') return undefined;
  const now = performance.now();
  const [first] = recent(set.setId, now);
  if (first && now - first.at >= SHORTEST_MS) return ((doneOf(set) - first.done) * 1_000) / (now - first.at);
  const since = Date.parse(set.moved.at) - Date.parse(set.startedAt);
  return since >= SHORTEST_MS ? (doneOf(set) * 1_000) / since : undefined;
}

/** Seconds until a running set is done, at its present pace. */
export function secondsLeft(set: SetSummary): number | undefined {
  const rate = rateOf(set);
  return rate ? (set.counts.total - doneOf(set)) / rate : undefined;
}
