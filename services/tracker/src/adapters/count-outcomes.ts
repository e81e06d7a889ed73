/** A set's progress by the log: its projection can be slightly behind, or far behind after a time without trackers. */
import { type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { itemEventOf, moneyAfter, progressOf, summaryOf } from '@setlist/sets';
import type { Facts } from '../domain/decide-command.ts';

/**
 * The progress and costs of the projection, if there is one, plus what the log has since. This needs no rows: an
 * attempt has one outcome, and an item that is requested again had failed.
 */
export async function countOutcomes(
  log: Pick<EventLog, 'sets' | 'read'>,
  life: SetSummary,
): Promise<Facts['soFar']> {
  const projected = await summaryOf(log.sets, life.setId);
  let summary = projected ?? life;
  const { counts } = progressOf(summary);
  // Nothing is requested again in the first round: its requests need not be read.
  const subject = life.round > 1 ? subjects.ofSet(life.setId) : subjects.outcome(life.setId, '*', '*', '*');
  const since = { subjects: [subject], from: (projected?.lastSeq ?? 0) + 1 };
  for await (const { event } of log.read(since)) {
    const item = itemEventOf(event);
    if (item === undefined) continue;
    summary = { ...summary, ...moneyAfter(summary, item) };
    if (item.name === 'ItemRequested' && item.data.attempt > 1) counts.failed--;
    if (item.name === 'ItemFailed') counts.failed++;
    if (item.name !== 'ItemCompleted') continue;
    counts.completed++;
    counts[item.data.how]++;
  }
  return { counts, billedCharacters: summary.billedCharacters, costUsd: summary.costUsd };
}
