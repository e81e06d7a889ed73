/** What the tracker says of a set, given how it stands and what time it is. */
import { type EventOf, newEvent, type SetSummary } from '@setlist/contracts';
import { completionOf, progressOf } from '@setlist/sets';

/** What the tracker decides by itself; the rest of a set's life is decided by its users. */
export type Finding = EventOf<'SetCompleted'> | EventOf<'SetStalled'> | EventOf<'SetUnstalled'>;

export interface Moment {
  /** The broker's clock, in ms since 1970. */
  readonly now: number;
  /** How long nothing may move before a running set counts as stalled, in ms. */
  readonly stallAfterMs: number;
}

/**
 * The next thing to say of a set, or nothing. One at a time: what is said comes back through the fold, and
 * the next follows from the state after it. That a stalled set moved is said before that it is complete; not while
 * it is paused, when only what was under way ends.
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
  return newEvent('SetUnstalled', data, context(summary, moment));
}

function completed(summary: SetSummary, moment: Moment): Finding | undefined {
  if (summary.counts.awaited > 0) return undefined;
  return newEvent('SetCompleted', completionOf(summary), context(summary, moment));
}

function stalled(summary: SetSummary, moment: Moment): Finding | undefined {
  const { seq, at } = summary.moved;
  const quietMs = Math.floor(moment.now - Date.parse(at));
  if (summary.stalled || quietMs < moment.stallAfterMs) return undefined;
  return newEvent(
    'SetStalled',
    { ...progressOf(summary), sinceSeq: seq, since: at, quietMs },
    context(summary, moment),
  );
}

const context = ({ setId }: SetSummary, { now }: Moment) => ({
  source: 'tracker' as const,
  now: new Date(now),
  setId,
  correlationId: setId,
});
