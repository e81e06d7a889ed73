/** The content of a message about a completed set, or a completed further round of it. */
import { countOf, dollars, duration, type EventOf, grouped } from '@setlist/contracts';
import type { Fault } from './letter.ts';
import { type Access, costVariables, setVariables } from './set-parts.ts';
import type { Variables } from './variables.ts';
import { isNothing, moment } from './wording.ts';

type Completed = EventOf<'SetCompleted'> & { readonly setId: string };

export function completedVariables(
  { data, setId }: Completed,
  access: Access,
): Variables<'completed' | 'completed-with-failures'> {
  const { set, counts, round, failures, startedAt, endedAt, chain } = data;
  const failed = countOf(counts.failed, 'failed item');
  return {
    ...setVariables(setId, set, counts, access),
    // Without separators, as in Amazon's sample.
    successes: String(counts.completed),
    failures: String(counts.failed),
    failureCount: countOf(counts.failed, 'failure'),
    failuresShown:
      failures.length < counts.failed ? `The first ${grouped(failures.length)} of ${failed}` : failed,
    nothingSucceeded: counts.completed === 0 ? 'yes' : '',
    round: round > 1 ? grouped(round) : '',
    ...costVariables(data),
    saved: isNothing(data.savedUsd) ? '' : dollars(data.savedUsd),
    took: duration(Date.parse(endedAt) - Date.parse(startedAt)),
    startedAt: moment(startedAt),
    endedAt: moment(endedAt),
    seal: chain.head,
    sealedEvents: countOf(chain.events, 'event'),
  };
}

/** The failed items named by the event. */
export const completedFaults = ({ data }: Completed): Fault[] =>
  data.failures.map(({ index, file, message, remedy }) => ({
    where: `item ${index}, ${file}`,
    problem: message,
    remedy,
  }));
