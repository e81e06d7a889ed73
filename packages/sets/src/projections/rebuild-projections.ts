/** Rebuilds all projections from the log, once; for repairs and benchmarks, while no tracker runs. */
import { setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { evolve, pageOfRecord } from '../fold/evolve.ts';
import { Projections } from './projections.ts';

/** The most pages in memory at once; each has 500 items and takes about 0.3 MB. */
const MAX_PAGES = 256;
/**
 * Number of events after which changed documents are written. Each write costs, and most pages change twice, so not too
 * few; but a large batch of writes keeps the broker from serving reads.
 */
const FLUSH_EVERY = 20_000;

/**
 * Deletes the projections and folds the log up to its current end. It appends nothing: events that are due are left to
 * the next tracker.
 * @returns how many events were folded
 */
export async function rebuildProjections(log: EventLog): Promise<number> {
  await log.sets.deleteAll();
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
      // One flush runs while the fold continues; its failure surfaces when the next one would start.
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
