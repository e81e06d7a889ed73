/** Where in the log a set begins. */
import { beginsSet, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/** Where the set begins; nothing where it has not begun, or begins in a way that can't be read here. */
export async function beginningOf(log: Pick<EventLog, 'first'>, setId: string): Promise<number | undefined> {
  const first = await log.first(subjects.state(setId));
  return beginsSet(first?.event) ? first?.seq : undefined;
}
