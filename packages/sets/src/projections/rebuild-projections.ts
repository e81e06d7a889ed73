/** Makes all projections anew from the log and ends, for repairs and benchmarks, where no tracker runs. */
import { setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { evolve, pageOfRecord } from '../fold/evolve.ts';
import { Projections } from './projections.ts';
import { deleteProjections } from './take-stock.ts';

/** Pages of 500 items, about 0.3 MB each, that may be in memory at once. */
const MAX_PAGES = 256;
/**
 * Changed documents are written after so many events. Each writing costs, and most pages change twice; but what is
 * written at once in a great heap keeps the broker from reading on.
 */
const FLUSH_EVERY = 20_000;

/**
 * Deletes the projections and folds the log up to where it ends now. Nothing is appended: what is due is said by the
 * next tracker.
 * @returns how many events were folded
 */
export async function rebuildProjections(log: EventLog): Promise<number> {
  await deleteProjections(log);
  const projections = new Projections(log.sets, MAX_PAGES);
  let folded = 0;
  let flushed = Promise.resolve();
  for await (const record of log.read({ subjects: [subjects.ofAllSets()] })) {
    const setId = setOfSubject(record.subject);
    const page = pageOfRecord(record);
    const state = projections.inMemory(setId, page) ?? (await projections.load(setId, page));
    projections.keep(setId, evolve(state, record));
    projections.cameTo(record);
    if (++folded % FLUSH_EVERY === 0) {
      // One flush goes on while the fold does; its failure is told when the next would begin.
      await flushed;
      flushed = projections.flush();
      flushed.catch(() => undefined);
    }
    if (projections.isUntidy) await projections.tidy();
  }
  await flushed;
  await projections.flush();
  return folded;
}
