/** Looks up the event that accepted a set. */
import { type EventOf, subjects } from '@setlist/contracts';
import type { EventLog } from '../event-log.ts';

/** The set's acceptance, which never changes; nothing if the set was refused, is missing, or is unreadable here. */
export async function acceptanceOf(
  log: Pick<EventLog, 'first'>,
  setId: string,
): Promise<EventOf<'SetAccepted'> | undefined> {
  const first = (await log.first(subjects.state(setId)))?.event;
  return first?.name === 'SetAccepted' ? first : undefined;
}
