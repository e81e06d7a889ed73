/** Which items of a set are traced one by one: at most so many, so that no trace outgrows those who are to read it. */
import type { EventOf } from '@setlist/contracts';
import { startSpan, unsampled } from '@setlist/runtime';

export interface TracedSet {
  readonly setId: string;
  readonly itemCount: number;
  /** The set's place in its trace; missing where it has none. */
  readonly traceparent: string | undefined;
  readonly atMost: number;
}

type Requested = EventOf<'ItemRequested'>;

/**
 * Places each request in the set's trace. Those that are not traced by themselves carry the trace's id all the same, with
 * word that nothing that follows from them is to be recorded. Which ones they are follows from their index alone.
 */
export function itemTracer({
  setId,
  itemCount,
  traceparent,
  atMost,
}: TracedSet): (event: Requested) => Requested {
  if (traceparent === undefined) return (event) => event;
  const rest = unsampled(traceparent) ?? traceparent;
  const every = Math.ceil(itemCount / Math.max(1, atMost));
  return (event) => {
    const { index: item, lane } = event.data;
    if (atMost === 0 || item % every !== 0) return { ...event, traceparent: rest };
    const span = startSpan('request item', {
      parent: traceparent,
      facts: { set: setId, item, lane, messageId: event.id },
    });
    span?.end();
    return { ...event, traceparent: span?.traceparent ?? traceparent };
  };
}
