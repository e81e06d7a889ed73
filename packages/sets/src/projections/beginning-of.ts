/** Where in the log a set begins. */
import { beginsSet, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/** Sequence of the set's first event; `undefined` where the set has not begun, or the event can't be read here. */
export async function beginningOf(log: Pick<EventLog, 'first'>, setId: string): Promise<number | undefined> {
  const first = await log.first(subjects.state(setId));
  return beginsSet(first?.event) ? first?.seq : undefined;
}
