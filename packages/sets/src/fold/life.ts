/** What the events of a set's life change in its summary; the states are drawn in `evolve.ts`. */
import { type EventData, isOpen, type SetSummary } from '@setlist/contracts';
import type { LogRecord } from './log-record.ts';

/** The summary after an event about the whole set; other events, and those not valid in its state, change nothing. */
export function evolveLife(summary: SetSummary, record: LogRecord): SetSummary {
  const { event } = record;
  switch (event?.name) {
    case 'SetStalled':
      return stalledBy(summary, event.data);
    case 'SetUnstalled':
      return event.data.stalledSinceSeq === summary.stalled?.sinceSeq ? withoutStall(summary) : summary;
    case 'SetCompleted':
      return isOpen(summary) && event.data.round === summary.round
        ? { ...withoutStall(summary), state: 'completed', endedAt: event.data.endedAt }
        : summary;
    case 'SetCancelled':
      return isOpen(summary)
        ? { ...withoutStall(summary), state: 'cancelled', endedAt: record.time.toISOString() }
        : summary;
    case 'SetPaused':
      return summary.state === 'running' ? { ...summary, state: 'paused' } : summary;
    case 'SetResumed':
      return summary.state === 'paused' ? quietSince({ ...summary, state: 'running' }, record) : summary;
    case 'SetPrioritized':
      return { ...summary, priority: event.data.priority };
    case 'SetRetried':
      return retriedBy(summary, event.data, record);
    default:
      return summary;
  }
}

/** Restarts the quiet time by a user's decision, not because an item moved: a stalled set stays stalled. */
const quietSince = (summary: SetSummary, { seq, time }: LogRecord): SetSummary => ({
  ...summary,
  moved: { seq, at: time.toISOString() },
});

/** Ignores a stall recorded after the set had moved, and one of a set that isn't running. */
function stalledBy(summary: SetSummary, { sinceSeq, since }: EventData<'SetStalled'>): SetSummary {
  if (summary.state !== 'running' || sinceSeq !== summary.moved.seq) return summary;
  return { ...summary, stalled: { sinceSeq, since } };
}

function withoutStall(summary: SetSummary): SetSummary {
  const { stalled: _, ...rest } = summary;
  return rest;
}

/** A new round awaits what is still open, and every retried item. */
function retriedBy(summary: SetSummary, data: EventData<'SetRetried'>, record: LogRecord): SetSummary {
  if (summary.state === 'rejected' || data.round <= summary.round) return summary;
  const { endedAt: _, ...rest } = summary;
  const opened: SetSummary = {
    ...rest,
    state: 'running',
    round: data.round,
    counts: { ...summary.counts, awaited: summary.counts.awaited + data.items },
    startedAt: record.time.toISOString(),
  };
  return quietSince(opened, record);
}
