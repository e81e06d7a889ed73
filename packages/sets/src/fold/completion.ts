/** What is said of a set, as far as it follows from its summary alone. */
import type { EventData, SetSummary } from '@setlist/contracts';

/** How far the round is: what a stall says too. */
export function progressOf({ set, round, counts }: SetSummary) {
  const { total, completed, failed, paid, reused, recovered } = counts;
  return { set, round, counts: { total, completed, failed, paid, reused, recovered } };
}

/** The completion of the round, once no outcome is awaited any more. */
export function completionOf(summary: SetSummary): EventData<'SetCompleted'> {
  const { billedCharacters, costUsd, savedUsd, startedAt, failures, chain } = summary;
  const money = { billedCharacters, costUsd, savedUsd };
  return { ...progressOf(summary), ...money, startedAt, endedAt: summary.moved.at, failures, chain };
}
