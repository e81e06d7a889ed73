/** Waits for the message about a set's end, so that a command that ends with its sets doesn't cut the message off. */
import { type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type Choosable, channelsFor, isNotable } from '@setlist/notifier';

/** How long to wait; if sending takes longer, the message goes out at the next start. */
const PATIENCE_MS = 5_000;

/**
 * @param channels the notifier's channels
 * @returns whether every channel chosen for this end was served, or given up, within 5 seconds
 */
export async function untilTold(
  log: Pick<EventLog, 'follow' | 'last'>,
  { setId }: SetSummary,
  channels: readonly Choosable[],
): Promise<boolean> {
  const end = (await log.last(subjects.state(setId)))?.event;
  // Someone has already retried the set: don't wait.
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
