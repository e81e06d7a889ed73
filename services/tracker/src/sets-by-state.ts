/** How many sets stand how, for whoever watches from outside. */
import type { SetSummary } from '@setlist/contracts';

type Standing = 'running' | 'paused' | 'stalled';

/** Of sets that have not ended, each counted once: one that is stalled is not counted as running. */
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
