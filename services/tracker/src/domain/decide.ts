/** Decides what the tracker reports about a set, given its summary and the time. */
import { type EventOf, newEvent, type SetSummary } from '@setlist/contracts';
import { completionOf, progressOf } from '@setlist/sets';
import { eventContext } from './event-context.ts';

/** What the tracker decides on its own; users decide the rest of a set's life. */
export type Finding = EventOf<'SetCompleted'> | EventOf<'SetStalled'> | EventOf<'SetUnstalled'>;

export interface Moment {
  /** The broker's clock, in ms since 1970. */
  readonly now: number;
  /** How long a running set can make no progress before it counts as stalled, in ms. */
  readonly stallAfterMs: number;
}

/**
 * The next event to report for a set, or undefined. One at a time: the event comes back through the fold, and the next
 * decision follows from the state after it. `SetUnstalled` comes before `SetCompleted`, but not while the set is
 * paused, when only calls in flight end.
 */
export function decide(summary: SetSummary, moment: Moment): Finding | undefined {
  switch (summary.state) {
    case 'running':
      return unstalled(summary, moment) ?? completed(summary, moment) ?? stalled(summary, moment);
    case 'paused':
      return completed(summary, moment);
    case 'completed':
    case 'cancelled':
    case 'rejected':
      return undefined;
    default:
      return summary.state satisfies never;
  }
}

function unstalled(summary: SetSummary, moment: Moment): Finding | undefined {
  if (summary.stalled?.movedBySeq === undefined) return undefined;
  const { sinceSeq, since, movedBySeq } = summary.stalled;
  const data = { ...progressOf(summary), stalledSinceSeq: sinceSeq, stalledSince: since, movedBySeq };
  return newEvent('SetUnstalled', data, eventContext(summary, moment));
}

function completed(summary: SetSummary, moment: Moment): Finding | undefined {
  if (summary.counts.awaited > 0) return undefined;
  return newEvent('SetCompleted', completionOf(summary), eventContext(summary, moment));
}

function stalled(summary: SetSummary, moment: Moment): Finding | undefined {
  const { seq, at } = summary.moved;
  const quietMs = Math.floor(moment.now - Date.parse(at));
  if (summary.stalled || quietMs < moment.stallAfterMs) return undefined;
  return newEvent(
    'SetStalled',
    { ...progressOf(summary), sinceSeq: seq, since: at, quietMs },
    eventContext(summary, moment),
  );
}
