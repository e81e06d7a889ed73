/** Reads the log for ever, folds every set's events, and speaks up when a set has something due. */
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
  /** Says what is due of a set. */
  readonly say: (summary: SetSummary) => Promise<void>;
}

/**
 * Folds from the projections' position on, until aborted.
 *
 * A set is spoken of at once when the fold is at the log's end, and never for what the log itself goes on to
 * say: once something is due, it waits for as many records as were still to come at that moment. Replaying a
 * history therefore appends nothing, and a busy log holds nothing up.
 */
export async function foldLog(options: FoldOptions, signal: AbortSignal): Promise<void> {
  const { log, projections, stallAfterMs, say } = options;
  /** By set: how many records must have been folded; in that order, since the log's end only moves on. */
  const due = new Map<string, number>();
  /** Sets without a summary: each is told of once. */
  const passedOver = new Set<string>();
  let folded = 0;
  let behind = 0;
  using _lag = observe('foldLag', () => [[behind, {}]]);
  const selection = { subjects: [subjects.ofAllSets()], from: (projections.position?.lastSeq ?? 0) + 1 };
  for await (const record of log.follow(selection, signal)) {
    const { position } = projections;
    const comesAgain = position && record.seq <= position.lastSeq;
    // A log that lost its end goes on from before the position, or has grown past it since.
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
      if (current) await say(current);
    }
    if (projections.isUntidy) await projections.tidy();
  }
}

/** A history that is folded again is long told: only what has just happened gets its place in a trace. */
const TRACED_FOR_MS = 600_000;

const placeOf = ({ event, time }: Delivered, now: number): string | undefined =>
  now - time.getTime() < TRACED_FOR_MS ? event?.traceparent : undefined;

/** The summary after the record, or nothing where the set is passed over: no set of that name has begun. */
async function foldRecord(
  options: FoldOptions,
  record: Delivered,
  passedOver: Set<string>,
): Promise<SetSummary | undefined> {
  const { projections, logger } = options;
  const setId = setOfSubject(record.subject);
  if (record.problem) {
    const { code, message } = record.problem;
    const entry = { event: 'unreadable-event', seq: record.seq, subject: record.subject, code };
    logger.warn(entry, `An event can't be read here (${message}); it counts in the chain only.`);
  }
  const page = pageOfRecord(record);
  let found = projections.inMemory(setId, page) ?? (await projections.load(setId, page));
  if (page !== undefined && lacksRow(found, record)) {
    const { summary } = found;
    found = await projections.loadMore(setId, page, (more) => !lacksRow({ summary, page: more }, record));
    if (lacksRow(found, record)) await ensureNoRow(options, record);
  }
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
 * Events of a set without a summary: it has not begun, or not in a way that this version can read, which changes
 * nothing; or its summary was deleted.
 */
async function ensureNotBegun({ log, logger }: FoldOptions, { seq, subject }: Delivered): Promise<void> {
  const setId = setOfSubject(subject);
  const begunAt = await beginningOf(log, setId);
  if (begunAt !== undefined && begunAt < seq)
    throw new ProjectionsLost(`the summary of ${setId} was deleted`);
  logger.warn(
    { event: 'event-before-set', set: setId, seq, subject },
    `${setId} has no first event that this version can read: its events are passed over.`,
  );
}

/** Whether the item of a record has no row although each of its set's has one; while pages catch up with it, that is no wonder. */
function lacksRow({ summary, page }: FoldState, { seq, event }: Delivered): boolean {
  const index = itemEventOf(event)?.data.index;
  if (summary === undefined || index === undefined || seq <= summary.lastSeq) return false;
  const { requested, total } = summary.counts;
  return index < total && requested >= total && rowOf(page, index) === undefined;
}

/** Where the log has an event of the item that was folded, its row went with its page: counted without it, the set never comes out right. */
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
