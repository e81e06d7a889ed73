/** Waits for the message about a set's end, so that a command that ends with its sets doesn't cut it off. */
import { type SetSummary, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/** A mail server that takes longer gets the message at the next start. */
const PATIENCE_MS = 5_000;

/**
 * @param channels those that the notifier has
 * @returns whether all of them were told, or given up, within 5 seconds
 */
export async function untilTold(
  log: Pick<EventLog, 'follow'>,
  { setId, state, round, set }: SetSummary,
  channels: readonly string[],
): Promise<boolean> {
  const named = channels.filter((channel) => set.notify.includes(channel));
  const cause = state === 'completed' ? `${setId}/completed/${round}` : `${setId}/${state}`;
  const waiting = (named.length > 0 ? named : channels).map(async (channel) => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for await (const _ of log.follow({ subjects: [subjects.notice(setId, cause, channel)] }, signal)) {
      return true;
    }
    return false;
  });
  return (await Promise.all(waiting)).every(Boolean);
}
