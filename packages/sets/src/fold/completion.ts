/** The data of completion and stall events that follows from a set's summary alone. */
import type { EventData, SetSummary } from '@setlist/contracts';

/** The progress of the round, and what the set has cost so far; a stall reports it too. */
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

/** The completion of the round, for when no more outcomes are awaited. */
export function completionOf(summary: SetSummary): EventData<'SetCompleted'> {
  const { savedUsd, startedAt, failures, chain } = summary;
  return { ...progressOf(summary), savedUsd, startedAt, endedAt: summary.moved.at, failures, chain };
}
