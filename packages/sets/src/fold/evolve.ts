/**
 * The fold: one set's events, in the log's order, become its summary and its pages of items.
 *
 *      nothing ──SetRejected──▶ rejected
 *         │
 *     SetAccepted                                      SetRetried (a new round)
 *         ▼            SetPaused                ┌──────────────────────────────────────┐
 *      running ◀──────────────────────▶ paused  │                                      │
 *       │ ▲  └────────────┬───────────────┘     ▼                                      │
 *       │ │ SetResumed    ├──SetCompleted (of this round)──▶ completed ────────────────┤
 *       │ └── SetRetried ─┘                                                            │
 *       │                 └──SetCancelled──▶ cancelled (what is in flight still counts) ┘
 *       │
 *       └─ SetStalled ─▶ stalled ─ an item moves ─▶ moved by ─ SetUnstalled ─▶ (not stalled)
 *
 * Replaying is idempotent: each document holds the sequence of its own last event, and a record at or before it
 * changes nothing there. A summary can be ahead of its pages but never behind them, since what a record
 * does to the summary follows from the row before it.
 */
import { type ItemsPage, type SetSummary, setOfSubject, subjects } from '@setlist/contracts';
import { acceptedSet, rejectedSet } from './beginning.ts';
import { extendChain } from './chain.ts';
import { evolveRow, itemEventOf, pageOf, rowOf, withRow } from './item-row.ts';
import { evolveLife } from './life.ts';
import type { LogRecord } from './log-record.ts';
import { countRow } from './progress.ts';

/** A set's summary and the page of the record's item, as far as they exist. */
export interface FoldState {
  readonly summary?: SetSummary | undefined;
  readonly page?: ItemsPage | undefined;
}

/** Number of the page that a record is about; `undefined` where it is not about an item. */
export function pageOfRecord(record: LogRecord): number | undefined {
  const item = itemEventOf(record.event);
  return item && pageOf(item.data.index);
}

/**
 * The state after one more record. `state.page` has to be the page of {@link pageOfRecord}. Records before the set is
 * accepted or rejected are ignored; records of unknown types go into the chain only.
 */
export function evolve(state: FoldState, record: LogRecord): FoldState {
  const begun = state.summary ?? beginning(record);
  if (begun === undefined) return state;
  const item = itemEventOf(record.event);
  if (item === undefined) {
    if (!isNew(begun, record)) return { ...state, summary: begun };
    return { ...state, summary: { ...evolveLife(begun, record), ...linkTo(begun, record) } };
  }
  const before = rowOf(state.page, item.data.index);
  const row = evolveRow(before, item);
  const page =
    row === before || (state.page && !isNew(state.page, record))
      ? state.page
      : withRow(state.page ?? emptyPage(record, item.data.index), row, record.seq);
  if (!isNew(begun, record)) return { summary: begun, page };
  const counted = row === before ? {} : countRow(begun, { before, after: row, event: item, record });
  return { summary: { ...begun, ...counted, ...linkTo(begun, record) }, page };
}

const isNew = (document: { lastSeq: number }, { seq }: LogRecord): boolean => seq > document.lastSeq;

const emptyPage = ({ subject }: LogRecord, index: number): ItemsPage => ({
  setId: setOfSubject(subject),
  page: pageOf(index),
  items: [],
  lastSeq: 0,
});

function beginning({ seq, subject, time, event }: LogRecord): SetSummary | undefined {
  const at = { setId: setOfSubject(subject), seq, time: time.toISOString() };
  switch (event?.name) {
    case 'SetAccepted':
      return acceptedSet(event.data, at);
    case 'SetRejected':
      return rejectedSet(event.data, at);
    default:
      return undefined;
  }
}

/** Every record of the set goes into the chain; a compare-and-set has to name the last one of the set's life. */
function linkTo(
  { setId, chain, stateSeq }: SetSummary,
  record: LogRecord,
): Pick<SetSummary, 'chain' | 'stateSeq' | 'lastSeq'> {
  return {
    chain: extendChain(chain, record),
    stateSeq: record.subject === subjects.state(setId) ? record.seq : stateSeq,
    lastSeq: record.seq,
  };
}
