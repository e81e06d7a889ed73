/** Requests every item of an accepted set, in the order of the file; after a crash, the missing ones. */

import type { PlannedItem } from '@setlist/admission';
import { type EventOf, subjects } from '@setlist/contracts';
import type { StoredEvent } from '@setlist/eventlog';
import { runStep, sleep } from '@setlist/runtime';
import { itemRequested } from '../domain/set-events.ts';
import type { DropDeps } from './drop-deps.ts';
import { itemTracer } from './item-tracer.ts';

/** After how many requests new files are let pass: some 10 ms of work, and what is published in one write. */
const LET_PASS_EVERY = 64;
/**
 * How long requests then rest, in ms: without it they take the processor and the broker from other sets, and are made
 * far sooner than any dispatcher needs them.
 */
const REST_MS = 10;

/**
 * Publishes the requests, pipelined. When a set is continued, all its requests in the log are read, and exactly the
 * missing ones are published: a retried publish can be stored behind later ones, so that the last stored request does
 * not prove that all before it are stored. Two replicas at once publish events with the same ids: the broker drops
 * the duplicates, and folds ignore any that are left.
 * @throws the signal's reason when it aborts; the next start finds the missing requests
 * @throws LogEndLost if a power cut takes the acceptance or requests from the log; the next try finds what is missing
 */
export async function requestItems(
  { seq, event: accepted }: Accepted,
  items: AsyncIterable<readonly PlannedItem[]>,
  deps: DropDeps,
  time: 'first' | 'again',
): Promise<void> {
  const { log, logger, signal, now, settings, gate } = deps;
  const { setId = '', traceparent: parent } = accepted;
  const { itemCount } = accepted.data;
  const begunMs = performance.now();
  const there = time === 'again' ? await requestedItems(accepted, deps) : NONE;
  const after = there.last ?? { seq, event: accepted };
  const missing = async function* (traceparent: string | undefined) {
    const traced = itemTracer({ setId, itemCount, traceparent, atMost: settings.TRACE_ITEMS });
    let made = 0;
    for await (const some of items) {
      for (const item of some) {
        signal.throwIfAborted();
        if (there.flags[item.index] === 1) continue;
        yield traced(itemRequested(item, accepted, now()));
        if (++made % LET_PASS_EVERY !== 0) continue;
        await gate.clear();
        await sleep(REST_MS, signal);
      }
    }
  };
  const { count: requested } = await runStep(
    'request items',
    { parent, facts: { set: setId, items: itemCount } },
    (step) => log.appendAll(missing(step.traceparent), after),
  );
  const ms = Math.round(performance.now() - begunMs);
  logger.info(
    { event: 'items-requested', set: setId, requested, thereBefore: there.count, ms },
    `requested ${requested} items of ${setId}`,
  );
}

/** The acceptance, and where the log has it. */
interface Accepted extends StoredEvent {
  readonly event: EventOf<'SetAccepted'>;
}

/** A set of items by index: a byte for each, since there may be a million. */
interface Items {
  readonly flags: Uint8Array;
  readonly count: number;
  /** The last of their requests. */
  readonly last?: StoredEvent | undefined;
}

const NONE: Items = { flags: new Uint8Array(), count: 0 };

/** The items whose first request the log holds. */
async function requestedItems(
  { setId = '', data: { itemCount } }: EventOf<'SetAccepted'>,
  { log }: DropDeps,
): Promise<Items> {
  const flags = new Uint8Array(itemCount);
  let count = 0;
  let last: StoredEvent | undefined;
  for await (const { seq, event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (event?.name !== 'ItemRequested' || event.data.attempt !== 1) continue;
    if (flags[event.data.index] === 0) count++;
    flags[event.data.index] = 1;
    last = { seq, event };
  }
  return { flags, count, last };
}
