/** How far a set is, by the log: its projection may be a moment behind, or far behind after a time without trackers. */
import { type Counts, type SetSummary, setKey, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/**
 * The counts of the projection, where there is one, and what the log has since. That needs no rows: an attempt has one
 * outcome, and what is asked for again had failed.
 */
export async function countOutcomes(
  log: Pick<EventLog, 'sets' | 'read'>,
  { setId, round, counts: none }: SetSummary,
): Promise<Counts> {
  const projected = (await log.sets.get<SetSummary>(setKey(setId)))?.value;
  const { total, completed, failed, paid, reused, recovered } = projected?.counts ?? none;
  const counts = { total, completed, failed, paid, reused, recovered };
  // Nothing is asked for again in the first round: its requests need not be read.
  const subject = round > 1 ? subjects.ofSet(setId) : subjects.outcome(setId, '*', '*', '*');
  const since = { subjects: [subject], from: (projected?.lastSeq ?? 0) + 1 };
  for await (const { event } of log.read(since)) {
    if (event?.name === 'ItemRequested' && event.data.attempt > 1) counts.failed--;
    if (event?.name === 'ItemFailed') counts.failed++;
    if (event?.name !== 'ItemCompleted') continue;
    counts.completed++;
    counts[event.data.how]++;
  }
  return counts;
}
