/** What one item's new row changes in the summary: counts, money, the list of failures, and that the set moved. */
import type { FailedItem, ItemRow, SetSummary } from '@setlist/contracts';
import type { ItemEvent } from './item-row.ts';
import type { LogRecord } from './log-record.ts';
import { plusCost } from './money.ts';

/** Failures that the summary and the closing message list; the pages have all. */
const FAILURES_SHOWN = 20;

interface NewRow {
  /** The row as it was. */
  readonly before: ItemRow | undefined;
  readonly after: ItemRow;
  readonly event: ItemEvent;
  readonly record: LogRecord;
}

/** The summary with the item's new row counted in place of the one before. */
export function countRow(summary: SetSummary, { before, after, event, record }: NewRow): SetSummary {
  const counted = {
    ...summary,
    counts: countsAfter(summary.counts, before, after),
    failures: failuresAfter(summary.failures, after),
  };
  return moved(event.name === 'ItemCompleted' ? withMoney(counted, event.data) : counted, record);
}

function countsAfter(
  counts: SetSummary['counts'],
  before: ItemRow | undefined,
  after: ItemRow,
): SetSummary['counts'] {
  const change = (test: (row: ItemRow) => boolean): number =>
    Number(test(after)) - Number(before !== undefined && test(before));
  return {
    total: counts.total,
    completed: counts.completed + change((row) => row.state === 'completed'),
    failed: counts.failed + change((row) => row.state === 'failed'),
    paid: counts.paid + change((row) => row.how === 'paid'),
    reused: counts.reused + change((row) => row.how === 'reused'),
    recovered: counts.recovered + change((row) => row.how === 'recovered'),
    requested: counts.requested + change(() => true),
    awaited: Math.max(0, counts.awaited - noLongerAwaited(before, after)),
  };
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

/** Money once spent stays spent, also when the item is asked for again. */
function withMoney(
  summary: SetSummary,
  data: Extract<ItemEvent, { name: 'ItemCompleted' }>['data'],
): SetSummary {
  const price = summary.usdPerMillion[data.lane];
  return {
    ...summary,
    billedCharacters: summary.billedCharacters + data.billedCharacters,
    sparedCharacters: summary.sparedCharacters + data.sparedCharacters,
    costUsd: plusCost(summary.costUsd, data.billedCharacters, price),
    savedUsd: plusCost(summary.savedUsd, data.sparedCharacters, price),
  };
}

/** The quiet time begins anew; a stalled set is known to have moved, and by which event first. */
function moved(summary: SetSummary, { seq, time }: LogRecord): SetSummary {
  const { stalled } = summary;
  return {
    ...summary,
    moved: { seq, at: time.toISOString() },
    ...(stalled && stalled.movedBySeq === undefined ? { stalled: { ...stalled, movedBySeq: seq } } : {}),
  };
}
