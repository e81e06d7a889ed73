/** What one item's new row changes in the summary: counts, money, the list of failures, and that the set moved. */
import type { FailedItem, ItemRow, SetSummary } from '@setlist/contracts';
import { isoOf } from './instant.ts';
import type { ItemEvent } from './item-row.ts';
import type { LogRecord } from './log-record.ts';
import { moneyAfter } from './money.ts';

/** Failures that the summary and the closing message list; the pages have all. */
export const FAILURES_SHOWN = 20;

interface NewRow {
  /** The row as it was. */
  readonly before: ItemRow | undefined;
  readonly after: ItemRow;
  readonly event: ItemEvent;
  readonly record: LogRecord;
}

/** What counting the item's new row, in place of the one before, changes in the summary. */
export function countRow(summary: SetSummary, { before, after, event, record }: NewRow): Partial<SetSummary> {
  return {
    counts: countsAfter(summary.counts, before, after),
    failures: failuresAfter(summary.failures, after),
    ...moneyAfter(summary, event),
    ...movedBy(summary, record),
  };
}

function countsAfter(
  counts: SetSummary['counts'],
  before: ItemRow | undefined,
  after: ItemRow,
): SetSummary['counts'] {
  const counted = { ...counts, awaited: Math.max(0, counts.awaited - noLongerAwaited(before, after)) };
  if (before) tally(counted, before, -1);
  tally(counted, after, 1);
  return counted;
}

function tally(counts: SetSummary['counts'], { state, how }: ItemRow, by: 1 | -1): void {
  counts.requested += by;
  if (state !== 'requested') counts[state] += by;
  if (how) counts[how] += by;
}

/**
 * An outcome is one less to wait for; so is an attempt without one that a newer attempt takes the place of,
 * for the newer one was counted when the retry was announced.
 */
function noLongerAwaited(before: ItemRow | undefined, after: ItemRow): number {
  const overtaken = before?.state === 'requested' && after.attempt > before.attempt;
  return Number(after.state !== 'requested') + Number(overtaken);
}

function failuresAfter(failures: readonly FailedItem[], after: ItemRow): FailedItem[] {
  const others = failures.filter(({ index }) => index !== after.index);
  const { index, file, code, message, remedy } = after;
  if (!code || !message || !remedy || others.length >= FAILURES_SHOWN) return others;
  return [...others, { code, message, remedy, index, file }];
}

/** The quiet time begins anew; a stalled set is known to have moved, and by which event first. */
function movedBy({ stalled }: SetSummary, { seq, time }: LogRecord): Pick<SetSummary, 'moved' | 'stalled'> {
  return {
    moved: { seq, at: isoOf(time) },
    ...(stalled && stalled.movedBySeq === undefined ? { stalled: { ...stalled, movedBySeq: seq } } : {}),
  };
}
