/** What is still to come of a set that has ended, and would come wrong, or never, were it left out of the log. */
import { MANIFESTS_DURABLE, NOTIFIER_DURABLE, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/**
 * Ingest has not asked for all its items: by its acceptance it knows the set, and would begin it anew. The notifier has not
 * finished with the events of its life. Neither have the trackers, who write its manifest.
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

/** Tells of one set after the other what is still to come of it, if anything. */
export async function tellerOfWhatIsToCome(
  log: Awaited,
): Promise<(set: Ended) => Promise<ToCome | undefined>> {
  const told = (await log.unfinishedAfter(NOTIFIER_DURABLE)) ?? Number.POSITIVE_INFINITY;
  const written = (await log.unfinishedAfter(MANIFESTS_DURABLE)) ?? Number.POSITIVE_INFINITY;
  return async ({ setId, seq, by, items }) => {
    // One that completed has an outcome of every item.
    if (by === 'SetCancelled' && (await countAsked(log, setId)) < items) return 'requests';
    if (seq > told) return 'notices';
    return seq > written && by !== 'SetRejected' ? 'manifest' : undefined;
  };
}

/** Of how many items there is a request; it may stand in the log twice. */
async function countAsked(log: Awaited, setId: string): Promise<number> {
  const asked = new Set<number>();
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] }))
    if (event?.name === 'ItemRequested') asked.add(event.data.index);
  return asked.size;
}
