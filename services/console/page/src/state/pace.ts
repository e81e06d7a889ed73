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

/**
 * Adds a sample if items were done since the last one: the last sample's time is that of the last progress.
 * @param now in ms, on a monotonic clock
 */
export function notePace(set: SetSummary, now = performance.now()): void {
  const { setId, state, round } = set;
  const newest = samples.get(setId)?.at(-1);
  if (state !== 'running') samples.delete(setId);
  else if (newest?.round !== round || newest.done !== doneOf(set))
    samples.set(setId, [...recent(set, now), { at: now, round, done: doneOf(set) }]);
}

/** Items per second; `undefined` if the set isn't running, stands still, or hasn't been observed long enough. */
export function rateOf(set: SetSummary, now = performance.now()): number | undefined {
  if (set.state !== 'running' || (set.stalled && set.stalled.movedBySeq === undefined)) return undefined;
  const done = doneOf(set);
  const [first] = recent(set, now);
  const isSampled = first !== undefined && now - first.at >= SHORTEST_MS;
  // The average doesn't work for later rounds, whose counts include items of earlier ones.
  if (isSampled && (done > first.done || set.round > 1))
    return ((done - first.done) * 1_000) / (now - first.at);
  if (set.round > 1) return undefined;
  const newest = samples.get(set.setId)?.at(-1);
  const silentMs = newest ? now - newest.at : 0;
  const since = Date.parse(set.moved.at) - Date.parse(set.startedAt) + silentMs;
  if (since < SHORTEST_MS) return undefined;
  const average = (done * 1_000) / since;
  // At a higher rate than one item in the whole silence, an item would have ended it.
  return silentMs > 0 ? Math.min(average, 1_000 / silentMs) : average;
}

/** Seconds until a running set is done, at its current rate. */
export function secondsLeft(set: SetSummary, now = performance.now()): number | undefined {
  const rate = rateOf(set, now);
  return rate ? (set.counts.total - doneOf(set)) / rate : undefined;
}
