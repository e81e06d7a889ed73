/** A set as `status --json` prints it. */
import type { SetSummary } from '@setlist/contracts';
import { stateOf } from './set-tables.ts';

/** A set for scripts: money as decimal text, times in ISO 8601. */
export function setJson(summary: SetSummary) {
  const { setId, set, counts, priority, round, billedCharacters, costUsd, acceptedAt, endedAt } = summary;
  const { total, completed, failed, paid, reused, recovered } = counts;
  return {
    setId,
    set: set.name,
    state: stateOf(summary),
    priority,
    round,
    total,
    completed,
    failed,
    paid,
    reused,
    recovered,
    billedCharacters,
    costUsd,
    acceptedAt,
    ...(endedAt && { endedAt }),
    location: set.location,
  };
}
