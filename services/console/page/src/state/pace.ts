/** A set's rate: over the last half minute, or on average since its first round began. */
import type { SetSummary } from '../api/types.ts';

interface Sample {
  readonly at: number;
  readonly round: number;
  readonly done: number;
}

const WINDOW_MS = 30_000;
/** The shortest observation that gives a rate. */
const SHORTEST_MS = 2_000;
const samples = new Map<string, readonly Sample[]>();

export const doneOf = ({ counts }: SetSummary): number => counts.completed + counts.failed;

/** Recent samples of the current round. When the number of done items falls, as by a retry, sampling starts over. */
function recent(set: SetSummary, now: number): readonly Sample[] {
  const seen = samples.get(set.setId) ?? [];
  return seen.filter(
    ({ at, round, done }) => now - at < WINDOW_MS && round === set.round && done <= doneOf(set),
  );
}

/** @param now in ms, on a monotonic clock */
export function notePace(set: SetSummary, now = performance.now()): void {
  const { setId, state, round } = set;
  if (state !== 'running') samples.delete(setId);
  else samples.set(setId, [...recent(set, now), { at: now, round, done: doneOf(set) }]);
}

/** Items per second; `undefined` if the set isn't running, stands still, or hasn't been observed long enough. */
export function rateOf(set: SetSummary, now = performance.now()): number | undefined {
  if (set.state !== 'running' || (set.stalled && set.stalled.movedBySeq === undefined)) return undefined;
  const [first] = recent(set, now);
  if (first && now - first.at >= SHORTEST_MS) return ((doneOf(set) - first.done) * 1_000) / (now - first.at);
  // The average doesn't work for later rounds, whose counts include items of earlier ones.
  if (set.round > 1) return undefined;
  const newest = samples.get(set.setId)?.at(-1);
  const silentMs = newest ? now - newest.at : 0;
  const since = Date.parse(set.moved.at) - Date.parse(set.startedAt) + silentMs;
  return since >= SHORTEST_MS ? (doneOf(set) * 1_000) / since : undefined;
}

/** Seconds until a running set is done, at its current rate. */
export function secondsLeft(set: SetSummary, now = performance.now()): number | undefined {
  const rate = rateOf(set, now);
  return rate ? (set.counts.total - doneOf(set)) / rate : undefined;
}
