/** Waits for the message about a set's end, so that a command that ends with its sets doesn't cut it off. */
import { type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type Choosable, channelsFor, isNotable } from '@setlist/notifier';

/** A mail server that takes longer gets the message at the next start. */
const PATIENCE_MS = 5_000;

/**
 * @param channels those that the notifier has
 * @returns whether all of them that hear of this end were told, or given up, within 5 seconds
 */
export async function untilTold(
  log: Pick<EventLog, 'follow' | 'last'>,
  { setId }: SetSummary,
  channels: readonly Choosable[],
): Promise<boolean> {
  const end = (await log.last(subjects.state(setId)))?.event;
  // Somebody has had it go on already: that is not waited for.
  if (end === undefined || !isNotable(end)) return true;
  const waiting = channelsFor(end, channels).chosen.map(async ({ name }) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for await (const _ of log.follow({ subjects: [subjects.notice(setId, end.id, name)] }, signal)) {
      return true;
    }
    return false;
  });
  return (await Promise.all(waiting)).every(Boolean);
}
