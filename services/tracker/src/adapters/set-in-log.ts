/** What the log itself says of one set, where a projection may be a moment behind. */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type FailedItems, noteOutcome } from '../domain/failed-items.ts';
import { evolveSetLife, type SetLife } from '../domain/set-life.ts';

/** The set's life up to now; nothing where there is no such set. */
export async function readLife(log: EventLog, setId: string): Promise<SetLife | undefined> {
  let life: SetLife | undefined;
  for await (const record of log.read({ subjects: [subjects.state(setId)] })) {
    life = evolveSetLife(life, record);
  }
  return life;
}

/** The items that had failed before a place in the log. */
export async function readFailedItems(
  log: EventLog,
  setId: string,
  beforeSeq = Number.POSITIVE_INFINITY,
): Promise<FailedItems> {
  const failed: FailedItems = new Map();
  for await (const { seq, event } of log.read({ subjects: [subjects.outcome(setId, '*', '*', '*')] })) {
    if (seq >= beforeSeq) break;
    noteOutcome(failed, event);
  }
  return failed;
}

/** The set's place in its trace, as its beginning names it: what is said of the set's life belongs there. */
export async function traceOfSet(log: Pick<EventLog, 'first'>, setId: string): Promise<string | undefined> {
  return (await log.first(subjects.state(setId)))?.event?.traceparent;
}
