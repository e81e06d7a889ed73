/** Which sets a new generation leaves out: those that ended before a time, unless they still have work pending. */
import {
  type FilesPlace,
  mayShareFiles,
  type SetlistEvent,
  setOfSubject,
  subjects,
} from '@setlist/contracts';
import { type Awaited, type ToCome, tellerOfWhatIsToCome } from './still-to-come.ts';

export interface SetsToArchive {
  /** In the order in which they ended. */
  readonly sets: readonly string[];
  /** Those that ended in time but stay in the log. */
  readonly keptBack: readonly KeptBack[];
}

export interface KeptBack {
  readonly setId: string;
  /** An earlier set that stays in the log and may write the same files; or the work that is still pending. */
  readonly because: { readonly earlier: string } | { readonly toCome: ToCome };
}

interface Life {
  /** `undefined` for a set that was rejected. */
  readonly place: FilesPlace | undefined;
  readonly items: number;
  /** The set's end; `undefined` where it has not ended, has started another round since, or ended too late. */
  readonly end: { readonly seq: number; readonly by: End } | undefined;
}

type End = 'SetCompleted' | 'SetCancelled' | 'SetRejected';

/**
 * Finds the sets to archive. Where several runs write one file, it belongs to the run that was accepted last. Only that
 * run's acceptance tells: without it, a retry of an earlier run would overwrite its files, and a repair its manifest.
 */
export async function setsToArchive(log: Awaited, before: Date): Promise<SetsToArchive> {
  const ended: { setId: string; seq: number }[] = [];
  const keptBack: KeptBack[] = [];
  const staying: (FilesPlace & { setId: string })[] = [];
  const stillToCome = await tellerOfWhatIsToCome(log);
  for (const [setId, { place, items, end }] of await livesIn(log, before)) {
    const earlier = place && staying.find((other) => mayShareFiles(other, place))?.setId;
    const toCome = end && (await stillToCome({ setId, items, ...end }));
    if (end && !earlier && !toCome) ended.push({ setId, seq: end.seq });
    else if (place) staying.push({ setId, ...place });
    if (end && earlier) keptBack.push({ setId, because: { earlier } });
    else if (toCome) keptBack.push({ setId, because: { toCome } });
  }
  return { sets: ended.sort((a, b) => a.seq - b.seq).map(({ setId }) => setId), keptBack };
}

/** In the order in which the sets began. */
async function livesIn(log: Awaited, before: Date): Promise<Map<string, Life>> {
  const lives = new Map<string, Life>();
  for await (const { event, time, subject, seq } of log.read({ subjects: [subjects.state('*')] })) {
    const setId = setOfSubject(subject);
    lives.set(setId, {
      place: lives.get(setId)?.place ?? placeIn(event),
      items: lives.get(setId)?.items ?? (event?.name === 'SetAccepted' ? event.data.itemCount : 0),
      end: time < before ? endIn(seq, event) : undefined,
    });
  }
  return lives;
}

const placeIn = (event: SetlistEvent | undefined): FilesPlace | undefined =>
  event?.name === 'SetAccepted' ? { output: event.data.output, prefix: event.data.prefix } : undefined;

function endIn(seq: number, event: SetlistEvent | undefined): Life['end'] {
  const by = event?.name;
  return by === 'SetCompleted' || by === 'SetCancelled' || by === 'SetRejected' ? { seq, by } : undefined;
}
