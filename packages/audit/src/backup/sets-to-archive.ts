/** Which sets a new generation leaves out: those that ended before a time, unless a set that stays may write their files. */
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

interface KeptBack {
  readonly setId: string;
  /** A set that was accepted earlier, stays in the log, and may write the same files. */
  readonly because: string;
}

interface Life {
  /** Nothing of a set that was refused. */
  readonly place: FilesPlace | undefined;
  /** Sequence of its end; nothing where it has not ended, has begun another round since, or ended too late. */
  readonly endedSeq: number | undefined;
}

/**
 * Of several runs that write one file the one that was accepted last has it. That is known of the later run's acceptance:
 * without it a retry of the earlier one would write over its files, and so would a repair over its manifest.
 */
export async function setsToArchive(log: Pick<EventLog, 'read'>, before: Date): Promise<SetsToArchive> {
  const ended: { setId: string; seq: number }[] = [];
  const keptBack: KeptBack[] = [];
  const staying: (FilesPlace & { setId: string })[] = [];
  for (const [setId, { place, endedSeq: seq }] of await livesIn(log, before)) {
    const earlier = place && staying.find((other) => mayShareFiles(other, place));
    if (seq !== undefined && earlier === undefined) ended.push({ setId, seq });
    else if (place) staying.push({ setId, ...place });
    if (seq !== undefined && earlier) keptBack.push({ setId, because: earlier.setId });
  }
  return { sets: ended.sort((a, b) => a.seq - b.seq).map(({ setId }) => setId), keptBack };
}

/** In the order in which the sets began. */
async function livesIn(log: Pick<EventLog, 'read'>, before: Date): Promise<Map<string, Life>> {
  const lives = new Map<string, Life>();
  for await (const { event, time, subject, seq } of log.read({ subjects: [subjects.state('*')] })) {
    const setId = setOfSubject(subject);
    lives.set(setId, {
      place: lives.get(setId)?.place ?? placeIn(event),
      endedSeq: isEnd(event) && time < before ? seq : undefined,
    });
  }
  return lives;
}

const placeIn = (event: SetlistEvent | undefined): FilesPlace | undefined =>
  event?.name === 'SetAccepted' ? { output: event.data.output, prefix: event.data.prefix } : undefined;

const isEnd = (event: SetlistEvent | undefined): boolean =>
  event?.name === 'SetCompleted' || event?.name === 'SetCancelled' || event?.name === 'SetRejected';
