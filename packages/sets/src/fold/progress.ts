/** What one item's new row changes in the summary: counts, money, failures, and when the set last moved. */
import type { FailedItem, ItemRow, SetSummary } from '@setlist/contracts';
import { isoOf } from './instant.ts';
import type { ItemEvent } from './item-row.ts';
import type { LogRecord } from './log-record.ts';
import { moneyAfter } from './money.ts';

/** Number of failures that the summary and the closing message list; the pages have all. */
export const FAILURES_SHOWN = 20;

interface NewRow {
  /** The row before. */
  readonly before: ItemRow | undefined;
  readonly after: ItemRow;
  readonly event: ItemEvent;
  readonly record: LogRecord;
}

/** The summary's changes when the item's new row is counted instead of the previous one. */
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
 * An outcome is one less to wait for. So is an attempt without an outcome that a newer attempt replaces: the newer one
 * was counted when the retry was announced.
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

/** Restarts the quiet time; for a stalled set, records the first event that moved it. */
function movedBy({ stalled }: SetSummary, { seq, time }: LogRecord): Pick<SetSummary, 'moved' | 'stalled'> {
  return {
    moved: { seq, at: isoOf(time) },
    ...(stalled && stalled.movedBySeq === undefined ? { stalled: { ...stalled, movedBySeq: seq } } : {}),
  };
}
