/** A set's life as commands are decided by it: the events of the set alone, without those of its items. */
import type { EventData, EventName, SetSummary } from '@setlist/contracts';
import { evolve, type LogRecord } from '@setlist/sets';

export interface SetLife {
  /** Folded from the set's life alone: its counts know nothing of items. */
  readonly summary: SetSummary;
  /** Where in the log the last event of each kind is. */
  readonly lastOf: ReadonlyMap<EventName, number>;
  /** What opened the round, if a retry did. */
  readonly retried?: EventData<'SetRetried'>;
}

/** The life after one more of its records; nothing while the set has neither been accepted nor rejected. */
export function evolveSetLife(life: SetLife | undefined, record: LogRecord): SetLife | undefined {
  const { summary } = evolve({ summary: life?.summary }, record);
  if (summary === undefined) return undefined;
  const { event, seq } = record;
  const lastOf = new Map(life?.lastOf);
  if (event) lastOf.set(event.name, seq);
  return {
    ...life,
    summary,
    lastOf,
    ...(event?.name === 'SetRetried' ? { retried: event.data } : {}),
  };
}
