/** How many sets are in which state, as a metric. */
import type { SetSummary } from '@setlist/contracts';

type Standing = 'running' | 'paused' | 'stalled';

/** Counts each set that has not ended once: a stalled one does not count as running. */
export function setsByState(
  openSets: Iterable<SetSummary>,
): (readonly [sets: number, of: { readonly state: Standing }])[] {
  const sets: Record<Standing, number> = { running: 0, paused: 0, stalled: 0 };
  for (const summary of openSets) sets[standingOf(summary)]++;
  return Object.entries(sets).map(([state, count]) => [count, { state: state as Standing }]);
}

function standingOf({ state, stalled }: SetSummary): Standing {
  if (state === 'paused') return 'paused';
  return stalled ? 'stalled' : 'running';
}
