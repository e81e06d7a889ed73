/** Which sets a new generation leaves out: those that ended before a time, unless something is still to come of them. */
import {
  type FilesPlace,
  mayShareFiles,
  type SetlistEvent,
  setOfSubject,
  subjects,
} from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

export interface SetsToArchive {
  /** In the order in which they ended. */
  readonly sets: readonly string[];
  /** Those that ended in time and stay all the same. */
  readonly keptBack: readonly KeptBack[];
}

export interface KeptBack {
  readonly setId: string;
  readonly because: Because;
}

type Because =
  /** That set was accepted earlier, stays in the log, and may write the same files. */
  | { readonly kind: 'shares-files'; readonly withSet: string }
  /** It was cancelled while ingest asked for its items. */
  | { readonly kind: 'half-asked' };

interface Life {
  /** Nothing of a set that was refused. */
  readonly place: FilesPlace | undefined;
  readonly items: number;
  readonly isCancelled: boolean;
  /** Sequence of its end; nothing where it has not ended, has begun another round since, or ended too late. */
  readonly endedSeq: number | undefined;
}

/**
 * Of several runs that write one file the one that was accepted last has it. That is known of the later run's acceptance:
 * without it a retry of the earlier one would write over its files, and so would a repair over its manifest. And by its
 * acceptance ingest knows a set whose items it has not asked for in full: without it the set would begin anew.
 */
export async function setsToArchive(log: Pick<EventLog, 'read'>, before: Date): Promise<SetsToArchive> {
  const ended: { setId: string; seq: number }[] = [];
  const keptBack: KeptBack[] = [];
  const staying: (FilesPlace & { setId: string })[] = [];
  for (const [setId, life] of await livesIn(log, before)) {
    const { place, endedSeq: seq } = life;
    const earlier = place && staying.find((other) => mayShareFiles(other, place));
    const because = seq === undefined ? undefined : await whyKeptBack(log, { setId, life, earlier });
    if (seq !== undefined && because === undefined) ended.push({ setId, seq });
    else if (place) staying.push({ setId, ...place });
    if (because) keptBack.push({ setId, because });
  }
  return { sets: ended.sort((a, b) => a.seq - b.seq).map(({ setId }) => setId), keptBack };
}

async function whyKeptBack(
  log: Pick<EventLog, 'read'>,
  { setId, life, earlier }: { setId: string; life: Life; earlier: { setId: string } | undefined },
): Promise<Because | undefined> {
  if (earlier) return { kind: 'shares-files', withSet: earlier.setId };
  // One that completed has an outcome of every item.
  if (life.isCancelled && (await countAsked(log, setId)) < life.items) return { kind: 'half-asked' };
  return undefined;
}

/** Of how many items there is a request; it may stand in the log twice. */
async function countAsked(log: Pick<EventLog, 'read'>, setId: string): Promise<number> {
  const asked = new Set<number>();
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] }))
    if (event?.name === 'ItemRequested') asked.add(event.data.index);
  return asked.size;
}

/** In the order in which the sets began. */
async function livesIn(log: Pick<EventLog, 'read'>, before: Date): Promise<Map<string, Life>> {
  const lives = new Map<string, Life>();
  for await (const { event, time, subject, seq } of log.read({ subjects: [subjects.state('*')] })) {
    const setId = setOfSubject(subject);
    lives.set(setId, {
      place: lives.get(setId)?.place ?? placeIn(event),
      items: lives.get(setId)?.items ?? (event?.name === 'SetAccepted' ? event.data.itemCount : 0),
      isCancelled: event?.name === 'SetCancelled',
      endedSeq: isEnd(event) && time < before ? seq : undefined,
    });
  }
  return lives;
}

const placeIn = (event: SetlistEvent | undefined): FilesPlace | undefined =>
  event?.name === 'SetAccepted' ? { output: event.data.output, prefix: event.data.prefix } : undefined;

const isEnd = (event: SetlistEvent | undefined): boolean =>
  event?.name === 'SetCompleted' || event?.name === 'SetCancelled' || event?.name === 'SetRejected';
