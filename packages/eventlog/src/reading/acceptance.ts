/** How a set began, for whoever needs what it was accepted with. */
import { type EventOf, subjects } from '@setlist/contracts';
import type { EventLog } from '../event-log.ts';

/** The set's acceptance, which never changes; nothing where the set was refused, is not there, or can't be read here. */
export async function acceptanceOf(
  log: Pick<EventLog, 'first'>,
  setId: string,
): Promise<EventOf<'SetAccepted'> | undefined> {
  const first = (await log.first(subjects.state(setId)))?.event;
  return first?.name === 'SetAccepted' ? first : undefined;
}
