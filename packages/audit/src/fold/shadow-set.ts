/** One set, folded as the tracker folds it, with its items in a few bytes each instead of pages. */
import { type ItemRow, MAX_ITEMS, type SetSummary, setOfSubject } from '@setlist/contracts';
import { evolve, itemEventOf, type LogRecord, pageOf, rowOf } from '@setlist/sets';
import { RowStates } from './row-states.ts';

/** What one record changed. */
export interface Step {
  /** The summary before the record; `undefined` where the set had not begun. */
  readonly before: SetSummary | undefined;
  readonly after: SetSummary | undefined;
  /** The item's row before the record, as far as it is kept: `attempt`, `state` and `how`. */
  readonly rowBefore: ItemRow | undefined;
}

export class ShadowSet {
  readonly setId: string;
  summary: SetSummary | undefined;
  readonly rows: RowStates;
  /** Sequence of each page's last event, by the page's number. */
  readonly pageSeqs: number[];

  constructor(
    setId: string,
    kept: { summary?: SetSummary; rows?: RowStates; pageSeqs?: readonly number[] } = {},
  ) {
    this.setId = setId;
    this.summary = kept.summary;
    this.rows = kept.rows ?? new RowStates();
    this.pageSeqs = [...(kept.pageSeqs ?? [])];
  }

  /** Folds one more record of the set, in the log's order. */
  apply(record: LogRecord): Step {
    const before = this.summary;
    const item = itemEventOf(record.event);
    if (item === undefined) {
      this.summary = evolve({ summary: before }, record).summary;
      return { before, after: this.summary, rowBefore: undefined };
    }
    const { index } = item.data;
    const number = pageOf(index);
    const rowBefore = this.rows.row(index);
    // The fold reads only the item's own row of a page, so a page of that row alone suffices.
    const page = {
      setId: setOfSubject(record.subject),
      page: number,
      items: rowBefore ? [rowBefore] : [],
      lastSeq: this.pageSeqs[number] ?? 0,
    };
    const state = evolve({ summary: before, page }, record);
    const row = rowOf(state.page, index);
    // An index beyond the set, or beyond any set, is reported as a fault, and may be too large to allocate for.
    const isOfSet = index < Math.min(state.summary?.counts.total ?? 0, MAX_ITEMS);
    if (row && row !== rowBefore && isOfSet) {
      this.rows.set(index, row);
      this.pageSeqs[number] = state.page?.lastSeq ?? record.seq;
    }
    this.summary = state.summary;
    return { before, after: this.summary, rowBefore };
  }
}
