/** Work still pending for a set that has ended, which would fail or never happen if the set left the log. */
import { MANIFESTS_DURABLE, NOTIFIER_DURABLE, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/**
 * - `requests`: ingest has not requested all items; without the acceptance in the log it would start the set over.
 * - `notices`: the notifier has not processed all events of the set's life.
 * - `manifest`: the trackers have not written the set's manifest.
 */
export type ToCome = 'requests' | 'notices' | 'manifest';

export type Awaited = Pick<EventLog, 'read' | 'unfinishedAfter'>;

interface Ended {
  readonly setId: string;
  /** Sequence of its end. */
  readonly seq: number;
  readonly by: 'SetCompleted' | 'SetCancelled' | 'SetRejected';
  readonly items: number;
}

/** A function that tells what is still pending for a set, if anything. */
export async function tellerOfWhatIsToCome(
  log: Awaited,
): Promise<(set: Ended) => Promise<ToCome | undefined>> {
  const told = (await log.unfinishedAfter(NOTIFIER_DURABLE)) ?? Number.POSITIVE_INFINITY;
  const written = (await log.unfinishedAfter(MANIFESTS_DURABLE)) ?? Number.POSITIVE_INFINITY;
  return async ({ setId, seq, by, items }) => {
    // A completed set has an outcome for every item.
    if (by === 'SetCancelled' && (await countAsked(log, setId)) < items) return 'requests';
    if (seq > told) return 'notices';
    return seq > written && by !== 'SetRejected' ? 'manifest' : undefined;
  };
}

/** How many items have a request; a request may be in the log twice. */
async function countAsked(log: Awaited, setId: string): Promise<number> {
  const asked = new Set<number>();
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] }))
    if (event?.name === 'ItemRequested') asked.add(event.data.index);
  return asked.size;
}
