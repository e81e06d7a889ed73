/** Finds the sets that have not ended. */
import { endsSet, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog } from '../event-log.ts';

/**
 * Their ids, each once. A set whose last event can't be read here counts as open: if it were passed over, it could be
 * paid for a second time, or lose its audio.
 */
export async function* openSetIds(log: Pick<EventLog, 'read'>): AsyncGenerator<string> {
  const found = new Set<string>();
  for await (const { subject, event } of log.read({
    subjects: [subjects.state('*')],
    from: 'last-of-each-subject',
  })) {
    const setId = setOfSubject(subject);
    // One that moves on meanwhile is read again.
    if (endsSet(event) || found.has(setId)) continue;
    found.add(setId);
    yield setId;
  }
}
