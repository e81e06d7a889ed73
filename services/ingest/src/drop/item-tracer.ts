/** Chooses which items of a set are traced individually: a limited number, so that a trace stays readable. */
import type { EventOf } from '@setlist/contracts';
import { startSpan, unsampled } from '@setlist/runtime';

export interface TracedSet {
  readonly setId: string;
  readonly itemCount: number;
  /** The set's place in its trace; undefined if it has none. */
  readonly traceparent: string | undefined;
  readonly atMost: number;
}

type Requested = EventOf<'ItemRequested'>;

/**
 * Places each request in the set's trace. A request that is not traced individually still carries the trace's id,
 * marked as not sampled, so that nothing that follows from it is recorded. Its index alone decides.
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
