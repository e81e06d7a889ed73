/** A set as dispatchers see it: whether it is open, which lanes it has, and how its turns weigh. */

import type { Priority, Provider, SetlistEvent } from '@setlist/contracts';
import type { Engine } from '@setlist/polly';

export interface OpenSet {
  readonly provider: Provider;
  readonly lanes: readonly Engine[];
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
  /** Broker's clock, ms: nothing further is paid after it. */
  readonly deadline?: number;
  /** Calls and tasks side by side. */
  readonly bothPaths: boolean;
  /** Where every sound is recorded afresh: only payments after this sequence will do. */
  readonly freshSince?: number;
}

/** Folds one event of a set's life; nothing comes of a set that was never accepted. */
export function evolveOpenSet(
  set: OpenSet | undefined,
  { seq, time, event }: { seq: number; time: Date; event?: SetlistEvent },
): OpenSet | undefined {
  if (event?.name === 'SetAccepted') {
    const { provider, lanes, output, prefix, priority, deadline, paths, fresh } = event.data;
    return {
      provider,
      lanes: lanes.map(({ lane }) => lane),
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
      return { ...retriedAt(set, time.getTime()), ended: false, paused: false, fromSeq: seq };
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

/** Who retries after the deadline wants the items all the same; before it, the deadline holds on. */
function retriedAt(set: OpenSet, now: number): OpenSet {
  const { deadline, ...rest } = set;
  return deadline === undefined || deadline <= now ? rest : set;
}
