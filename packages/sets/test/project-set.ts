/** The documents of a set's history, or of the part up to some record. */
import {
  type ItemsPage,
  itemsPageSchema,
  type SetlistEvent,
  type SetSummary,
  setSummarySchema,
} from '@setlist/contracts';
import { recorded } from '@setlist/testkit';
import { expect } from 'vitest';
import { evolve, pageOfRecord } from '../src/fold/evolve.ts';
import type { LogRecord } from '../src/fold/log-record.ts';

interface ProjectedSet {
  readonly summary: SetSummary | undefined;
  /** By the page's number. */
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

/** The set's summary after these events, checked against the schema that readers use. */
export function summaryAfter(events: readonly SetlistEvent[]): SetSummary {
  const { summary, pages } = projectSet(recorded(events));
  if (summary === undefined) throw new Error('the set has not begun');
  expect(setSummarySchema.parse(summary)).toEqual(summary);
  for (const page of pages.values()) expect(itemsPageSchema.parse(page)).toEqual(page);
  return summary;
}
