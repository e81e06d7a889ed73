/** Checks the events of a set's life against the state before them. */
import { isDeepStrictEqual } from 'node:util';
import { type EventOf, isOpen, type SetlistEvent, type SetSummary } from '@setlist/contracts';
import { completionOf } from '@setlist/sets';
import type { Fault } from './judgement.ts';

/** What is wrong with an event that is about the whole set, given the summary before it and after it. */
export function lifeFault(before: SetSummary, event: SetlistEvent, after: SetSummary | undefined): Fault[] {
  const why = whyUnexplained(before, event, after);
  if (why !== undefined) return [{ code: 'state-unexplained', what: `${event.name}: ${why}` }];
  return event.name === 'SetCompleted' ? completionFaults(before, event) : [];
}

/** Why the event can't follow the state before it; `undefined` where it can. */
function whyUnexplained(
  before: SetSummary,
  event: SetlistEvent,
  after: SetSummary | undefined,
): string | undefined {
  const { state } = before;
  switch (event.name) {
    case 'SetAccepted':
    case 'SetRejected':
      return `the set had already begun, and was ${state}`;
    case 'SetPaused':
      return state === 'running' ? undefined : `the set was ${state}`;
    case 'SetResumed':
      return state === 'paused' ? undefined : `the set was ${state}, not paused`;
    case 'SetCancelled':
    case 'SetPrioritized':
      return isOpen(before) ? undefined : `the set was ${state}`;
    case 'SetRetried':
      if (state !== 'completed') return `the set was ${state}, not completed`;
      return event.data.round === before.round + 1
        ? undefined
        : `round ${event.data.round} follows round ${before.round}`;
    case 'SetCompleted':
      if (!isOpen(before)) return `the set was ${state}`;
      if (event.data.round !== before.round)
        return `the set was in round ${before.round}, not ${event.data.round}`;
      return before.counts.awaited === 0 ? undefined : `${before.counts.awaited} outcomes were missing`;
    case 'SetStalled':
      // A stall noted while an item was moving is ignored by the fold, and not a fault.
      return isOpen(before) ? undefined : `the set was ${state}`;
    case 'SetUnstalled':
      return before.stalled && after?.stalled === undefined ? undefined : 'the set was not stalled';
    default:
      return undefined;
  }
}

function completionFaults(before: SetSummary, { data }: EventOf<'SetCompleted'>): Fault[] {
  // The round has been checked already; the chain has its own finding.
  const { round: _, chain: __, ...folded } = completionOf(before);
  return Object.entries(folded).flatMap(([field, value]) => {
    const said = data[field as keyof typeof folded];
    if (isDeepStrictEqual(said, value)) return [];
    if (field === 'failures' && areSameUncut(data.failures, before.failures)) return [];
    const what = `it says ${field} ${JSON.stringify(said)}; the events before it give ${JSON.stringify(value)}`;
    return [{ code: 'completion-contradicted' as const, what }];
  });
}

/** The end of a text that was cut. */
const ELLIPSIS = '…';

/** Earlier trackers wrote the reasons in full; the fold cuts them. */
const areSameUncut = (said: readonly object[], folded: readonly object[]): boolean =>
  said.length === folded.length &&
  said.every((failure, at) => {
    const cut = new Map(Object.entries(folded[at] ?? {}));
    const fields = Object.entries(failure);
    return fields.length === cut.size && fields.every(([name, whole]) => isSameUncut(whole, cut.get(name)));
  });

const isSameUncut = (whole: unknown, cut: unknown): boolean =>
  typeof whole === 'string' && typeof cut === 'string' && cut.endsWith(ELLIPSIS)
    ? whole.startsWith(cut.slice(0, -ELLIPSIS.length))
    : whole === cut;
