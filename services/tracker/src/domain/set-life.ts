/** A set's life as the basis of commands: only the events of the set, not those of its items. */
import type { EventData, EventName, SetSummary } from '@setlist/contracts';
import { evolve, type LogRecord } from '@setlist/sets';

export interface SetLife {
  /** Folded only from the set's life: its counts don't include items' outcomes. */
  readonly summary: SetSummary;
  /** Sequence of the last event of each kind. */
  readonly lastOf: ReadonlyMap<EventName, number>;
  /** The retry that opened the round, if one did. */
  readonly retried?: EventData<'SetRetried'>;
}

/** The life after its next record; undefined until the set has been accepted or rejected. */
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
