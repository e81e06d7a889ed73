/** Finds the sets that have not ended. */
import { endsSet, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog } from '../event-log.ts';

/**
 * Their ids; one that moves on meanwhile can come twice. A set whose last event can't be read here counts as open: if it
 * were passed over, it could be paid for a second time, or lose its audio.
 */
export async function* openSetIds(log: Pick<EventLog, 'read'>): AsyncGenerator<string> {
  const lives = log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
  for await (const { subject, event } of lives) if (!endsSet(event)) yield setOfSubject(subject);
}
