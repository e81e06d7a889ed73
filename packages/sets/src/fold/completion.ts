/** What is said of a set, as far as it follows from its summary alone. */
import type { EventData, SetSummary } from '@setlist/contracts';

/** How far the round is, and what the set has cost so far: what a stall says too. */
export function progressOf({ set, round, counts, billedCharacters, costUsd }: SetSummary) {
  const { total, completed, failed, paid, reused, recovered } = counts;
  return {
    set,
    round,
    counts: { total, completed, failed, paid, reused, recovered },
    billedCharacters,
    costUsd,
  };
}

/** The completion of the round, once no outcome is awaited any more. */
export function completionOf(summary: SetSummary): EventData<'SetCompleted'> {
  const { savedUsd, startedAt, failures, chain } = summary;
  return { ...progressOf(summary), savedUsd, startedAt, endedAt: summary.moved.at, failures, chain };
}
