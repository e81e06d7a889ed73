/** Sets by id, newest first. */
import type { SetSummary } from '../api/types.ts';

/** Adds or replaces sets. One that is known keeps its place, so that the list is not sorted at every change. */
export function withSets(
  known: ReadonlyMap<string, SetSummary>,
  changed: readonly SetSummary[],
): ReadonlyMap<string, SetSummary> {
  const all = new Map(known);
  for (const set of changed) all.set(set.setId, set);
  if (all.size === known.size) return all;
  return new Map([...all].sort(([, a], [, b]) => newestFirst(a, b)));
}

/** The server's order. */
const newestFirst = (a: SetSummary, b: SetSummary): number =>
  b.acceptedAt.localeCompare(a.acceptedAt) || b.setId.localeCompare(a.setId);
