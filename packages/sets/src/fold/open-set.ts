/** A set as dispatchers see it: whether it is open, its lanes, and its priority. */

import type { Priority, Provider, SetlistEvent } from '@setlist/contracts';
import type { Engine } from '@setlist/polly';

export interface OpenLane {
  readonly lane: Engine;
  /** How many items ingest requests of it in this round; 0 in a retry, which doesn't say. */
  readonly items: number;
}

export interface OpenSet {
  readonly provider: Provider;
  readonly lanes: readonly OpenLane[];
  /** URI of the store where its files land. */
  readonly output: string;
  readonly prefix: string;
  /** Sequence of its acceptance. */
  readonly acceptedSeq: number;
  /** Sequence of the event that opened the round. */
  readonly fromSeq: number;
  readonly priority: Priority;
  readonly paused: boolean;
  readonly ended: boolean;
  /** Broker's clock, ms since 1970: nothing more is paid for after it. */
  readonly deadline?: number;
  /** Whether to use calls and tasks side by side. */
  readonly bothPaths: boolean;
  /** Set where every sound is recorded again: only payments after this sequence are acceptable. */
  readonly freshSince?: number;
}

/** Folds one event of a set's life. @returns `undefined` for a set that was never accepted */
export function evolveOpenSet(
  set: OpenSet | undefined,
  { seq, time, event }: { seq: number; time: Date; event?: SetlistEvent },
): OpenSet | undefined {
  if (event?.name === 'SetAccepted') {
    const { provider, lanes, output, prefix, priority, deadline, paths, fresh } = event.data;
    return {
      provider,
      lanes: lanes.map(({ lane, items }) => ({ lane, items })),
      output,
      prefix,
      acceptedSeq: seq,
      fromSeq: seq,
      priority,
      paused: false,
      ended: false,
      bothPaths: paths === 'both',
      ...(deadline === undefined ? {} : { deadline: Date.parse(deadline) }),
      ...(fresh ? { freshSince: seq } : {}),
    };
  }
  if (!set || !event) return set;
  switch (event.name) {
    case 'SetCompleted':
    case 'SetCancelled':
      return { ...set, ended: true };
    case 'SetRetried':
      return {
        ...retriedAt(set, time.getTime()),
        lanes: set.lanes.map(({ lane }) => ({ lane, items: 0 })),
        ended: false,
        paused: false,
        fromSeq: seq,
      };
    case 'SetPaused':
      return { ...set, paused: true };
    case 'SetResumed':
      return { ...set, paused: false };
    case 'SetPrioritized':
      return { ...set, priority: event.data.priority };
    default:
      return set;
  }
}

/** A retry after the deadline means that the items are wanted all the same; before it, the deadline stays in force. */
function retriedAt(set: OpenSet, now: number): OpenSet {
  const { deadline, ...rest } = set;
  return deadline === undefined || deadline <= now ? rest : set;
}
