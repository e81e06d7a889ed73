/** Follows the log, folds every set's events, and reports when something is due for a set. */
import { beginsSet, type SetSummary, setOfSubject, subjects } from '@setlist/contracts';
import type { Delivered, EventLog } from '@setlist/eventlog';
import { type Logger, observe, runStep } from '@setlist/runtime';
import {
  beginningOf,
  evolve,
  expectOfThisLog,
  type FoldState,
  itemEventOf,
  type Projections,
  ProjectionsLost,
  pageOfRecord,
  rowOf,
} from '@setlist/sets';
import { decide } from './domain/decide.ts';

export interface FoldOptions {
  readonly log: EventLog;
  readonly projections: Projections;
  readonly logger: Logger;
  readonly stallAfterMs: number;
  /** Reports what is due for a set. */
  readonly appendFinding: (summary: SetSummary) => Promise<void>;
}

/**
 * Folds from the projections' position on, until aborted.
 *
 * A set's finding is reported at once when the fold is at the log's end, and never if the log already contains it: once
 * something is due, it waits for as many records as were pending at that moment. So replaying a history appends
 * nothing, and a busy log holds nothing up.
 */
export async function foldLog(options: FoldOptions, signal: AbortSignal): Promise<void> {
  const { log, projections, stallAfterMs, appendFinding } = options;
  /** By set: how many records must be folded before it is reported; ascending, since the log's end only moves on. */
  const due = new Map<string, number>();
  /** Sets without a summary: each is logged once. */
  const passedOver = new Set<string>();
  let folded = 0;
  let behind = 0;
  using _lag = observe('foldLag', () => [[behind, {}]]);
  const selection = { subjects: [subjects.ofAllSets()], from: (projections.position?.lastSeq ?? 0) + 1 };
  for await (const record of log.follow(selection, signal)) {
    const { position } = projections;
    const comesAgain = position && record.seq <= position.lastSeq;
    // A log that lost its end continues from before the position, or has grown past it since.
    if (position && (comesAgain || record.isFirst)) await expectOfThisLog(log, position);
    if (comesAgain) continue;
    const step = { parent: placeOf(record, log.clock.now()), facts: { event: record.event?.name } };
    const summary = await runStep('fold event', step, () => foldRecord(options, record, passedOver));
    folded++;
    behind = record.pending;
    if (summary && !due.has(summary.setId) && decide(summary, { now: record.time.getTime(), stallAfterMs })) {
      due.set(summary.setId, folded + record.pending);
    }
    for (const [setId, after] of due) {
      if (after > folded) break;
      due.delete(setId);
      const current = projections.summaryInMemory(setId);
      if (current) await appendFinding(current);
    }
    if (projections.isUntidy) await projections.tidy();
  }
}

/** How old an event can be to be traced, in ms: a replayed history has been traced already. */
const TRACED_FOR_MS = 600_000;

const placeOf = ({ event, time }: Delivered, now: number): string | undefined =>
  now - time.getTime() < TRACED_FOR_MS ? event?.traceparent : undefined;

/** The summary after the record, or undefined if the set is skipped because it has not begun. */
async function foldRecord(
  options: FoldOptions,
  record: Delivered,
  passedOver: Set<string>,
): Promise<SetSummary | undefined> {
  const { projections, logger } = options;
  const setId = setOfSubject(record.subject);
  if (record.problem) {
    const { code, message } = record.problem;
    const entry = { event: 'unreadable-event', set: setId, seq: record.seq, subject: record.subject, code };
    logger.warn(entry, `An event can't be read here (${message}); it counts only in the chain.`);
  }
  const page = pageOfRecord(record);
  const found = projections.inMemory(setId, page) ?? (await projections.load(setId, page));
  if (lacksRow(found, record)) await ensureNoRow(options, record);
  const state = evolve(found, record);
  if (state.summary) passedOver.delete(setId);
  else if (!passedOver.has(setId)) {
    await ensureNotBegun(options, record);
    passedOver.add(setId);
  }
  projections.keep(setId, state);
  projections.cameTo(record);
  return state.summary;
}

/**
 * Handles an event of a set without a summary: the set has not begun, or not in a way that this version can read, which
 * is logged and changes nothing; or its summary was deleted.
 * @throws ProjectionsLost if the summary was deleted
 */
async function ensureNotBegun({ log, logger }: FoldOptions, { seq, subject }: Delivered): Promise<void> {
  const setId = setOfSubject(subject);
  const begunAt = await beginningOf(log, setId);
  if (begunAt !== undefined && begunAt < seq)
    throw new ProjectionsLost(`the summary of ${setId} was deleted`);
  logger.warn(
    { event: 'event-before-set', set: setId, seq, subject },
    `${setId} has no first event that this version can read: its events are skipped.`,
  );
}

/** Whether the record's item has no row though every item should; false for records that the summary already has. */
function lacksRow({ summary, page }: FoldState, { seq, event }: Delivered): boolean {
  const index = itemEventOf(event)?.data.index;
  if (summary === undefined || index === undefined || seq <= summary.lastSeq) return false;
  const { requested, total } = summary.counts;
  return index < total && requested >= total && rowOf(page, index) === undefined;
}

/**
 * Makes sure that no earlier event of the record's item was folded: otherwise its row was lost with its page, and
 * without it the counts would never add up.
 * @throws ProjectionsLost if one was
 */
async function ensureNoRow({ log }: FoldOptions, record: Delivered): Promise<void> {
  const setId = setOfSubject(record.subject);
  const index = itemEventOf(record.event)?.data.index;
  let hasBegun = false;
  for await (const { seq, event } of log.read({ subjects: [subjects.ofSet(setId)] })) {
    if (seq >= record.seq) return;
    hasBegun ||= beginsSet(event);
    if (hasBegun && itemEventOf(event)?.data.index === index)
      throw new ProjectionsLost(`the page of item ${index} of ${setId} was deleted`);
  }
}
