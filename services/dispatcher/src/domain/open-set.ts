/** A set as dispatchers see it: whether it is open, which lanes it has, and how its turns weigh. */

import type { Priority, Provider, SetlistEvent } from '@setlist/contracts';
import type { Engine } from '@setlist/polly';

export interface OpenSet {
  readonly provider: Provider;
  readonly lanes: readonly Engine[];
  /** URI of the store where its files land. */
  readonly output: string;
  /** Sequence of the event that opened the round. */
  readonly fromSeq: number;
  readonly priority: Priority;
  readonly paused: boolean;
  readonly ended: boolean;
}

/** Folds one event of a set's life; nothing comes of a set that was never accepted. */
export function evolveOpenSet(
  set: OpenSet | undefined,
  { seq, event }: { seq: number; event?: SetlistEvent },
): OpenSet | undefined {
  if (event?.name === 'SetAccepted') {
    const { provider, lanes, output, priority } = event.data;
    return {
      provider,
      lanes: lanes.map(({ lane }) => lane),
      output,
      fromSeq: seq,
      priority,
      paused: false,
      ended: false,
    };
  }
  if (!set || !event) return set;
  switch (event.name) {
    case 'SetCompleted':
    case 'SetCancelled':
      return { ...set, ended: true };
    case 'SetRetried':
      return { ...set, ended: false, paused: false, fromSeq: seq };
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
