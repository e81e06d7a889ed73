/** A set's whole history, or the part of it up to some record, as its documents. */
import type { ItemsPage, SetSummary } from '@setlist/contracts';
import { evolve, pageOfRecord } from '../src/domain/evolve.ts';
import type { LogRecord } from '../src/domain/log-record.ts';

interface ProjectedSet {
  readonly summary: SetSummary | undefined;
  /** By number. */
  readonly pages: ReadonlyMap<number, ItemsPage>;
}

/** Folds the records of one set, in the log's order. */
export function projectSet(records: Iterable<LogRecord>): ProjectedSet {
  let summary: SetSummary | undefined;
  const pages = new Map<number, ItemsPage>();
  for (const record of records) {
    const number = pageOfRecord(record);
    const state = evolve({ summary, page: number === undefined ? undefined : pages.get(number) }, record);
    summary = state.summary;
    if (number !== undefined && state.page) pages.set(number, state.page);
  }
  return { summary, pages };
}
