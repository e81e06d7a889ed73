/** How fast a set goes: as seen over the last half minute, or on average since its first round began. */
import type { SetSummary } from '../api/types.ts';

interface Sample {
  readonly at: number;
  readonly round: number;
  readonly done: number;
}

const WINDOW_MS = 30_000;
/** Less than this says nothing of the pace. */
const SHORTEST_MS = 2_000;
const samples = new Map<string, readonly Sample[]>();

export const doneOf = ({ counts }: SetSummary): number => counts.completed + counts.failed;

/** What was seen of this round; a retry takes back what had failed, and the pace begins anew. */
function recent(set: SetSummary, now: number): readonly Sample[] {
  const seen = samples.get(set.setId) ?? [];
  return seen.filter(
    ({ at, round, done }) => now - at < WINDOW_MS && round === set.round && done <= doneOf(set),
  );
}

/** @param now in ms, of a clock that is never set back */
export function notePace(set: SetSummary, now = performance.now()): void {
  const { setId, state, round } = set;
  if (state !== 'running') samples.delete(setId);
  else samples.set(setId, [...recent(set, now), { at: now, round, done: doneOf(set) }]);
}

/** Items a second; nothing where the set doesn't run, or too little has been seen. */
export function rateOf(set: SetSummary, now = performance.now()): number | undefined {
  if (set.state !== 'running') return undefined;
  const [first] = recent(set, now);
  if (first && now - first.at >= SHORTEST_MS) return ((doneOf(set) - first.done) * 1_000) / (now - first.at);
  // Later rounds count what earlier ones made.
  if (set.round > 1) return undefined;
  const since = Date.parse(set.moved.at) - Date.parse(set.startedAt);
  return since >= SHORTEST_MS ? (doneOf(set) * 1_000) / since : undefined;
}

/** Seconds until a running set is done, at its present pace. */
export function secondsLeft(set: SetSummary, now = performance.now()): number | undefined {
  const rate = rateOf(set, now);
  return rate ? (set.counts.total - doneOf(set)) / rate : undefined;
}
