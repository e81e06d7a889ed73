/**
 * Notices a reader that stands still although there is more for it to read. Seen after the death of a cluster's leader
 * (nats-server 2.10.27): the broker went on answering its pulls, by heartbeats and by their ends, and delivered nothing.
 */
import { sleep } from '@setlist/runtime';
import { type Connection, isClosed } from '../connection/connection.ts';
import { endOf, firstOnAtLeader, type LogEnd } from './read.ts';
import type { Selection } from './selection.ts';

/** How often an idle reader is looked after, times its patience: two requests each time. */
const LOOK_EVERY_MS = 2_000;
const EVERYTHING = ['>'];

/** What a reader still has to read. */
export interface ReaderPlace extends Selection {
  /** Where it was to begin or, once anything has come, the sequence behind that. */
  from?: NonNullable<Selection['from']>;
  /**
   * The log's end when the reader was last looked after and had nothing to read before it. Nothing is searched twice:
   * nats-server 2.10 goes through all that it has in memory for the next message by a wildcard, and so keeps it there.
   */
  searched?: LogEnd;
  /** Whether a record is waited for; not while the last one is being worked on. */
  isIdle: boolean;
  /** How many times longer than usual a broker may be silent, or hold back a record: one that is slow gets slower by new readers. */
  patience: number;
  /** Why looking after the reader failed. */
  failure?: { readonly error: unknown };
}

/**
 * Ends the reader, once, when it is idle in front of one and the same record at two looks in a row: what was only
 * just stored may be on its way at the first. It ends it too where looking fails, and says so in its place. Disposing of
 * it ends the looking.
 */
export function watchReader(connection: Connection, place: ReaderPlace, end: () => void): Disposable {
  const stopped = new AbortController();
  const failed = (error: unknown): boolean => {
    if (stopped.signal.aborted || isClosed(error)) return false;
    place.failure = { error };
    return true;
  };
  void look(connection, place, stopped.signal)
    .catch(failed)
    .then((isOver) => isOver && end());
  return { [Symbol.dispose]: () => stopped.abort() };
}

/** Whether it ended because the reader is stuck. */
async function look(connection: Connection, place: ReaderPlace, stopped: AbortSignal): Promise<boolean> {
  for (let suspect: number | undefined; ; ) {
    await sleep(LOOK_EVERY_MS * place.patience, stopped);
    const { from, isIdle } = place;
    const begin = isIdle ? unreadFrom(place) : undefined;
    if (begin === undefined) {
      suspect = undefined;
      continue;
    }
    const end = await endOf(connection);
    const found = await firstOf(connection, place, begin);
    if (stopped.aborted) return false;
    const isStanding = place.isIdle && place.from === from;
    if (isStanding && found !== undefined && found === suspect) return true;
    suspect = isStanding ? found : undefined;
    if (isStanding && found === undefined && end.seq > 0) place.searched = end;
  }
}

/** Where what it has not read may begin; nothing for a reader from a moment on to which nothing has come. */
function unreadFrom({ from = 1, searched }: ReaderPlace): number | undefined {
  // Where the last word on each subject comes first, anything at all is enough to begin with.
  const begin = from === 'last-of-each-subject' ? 1 : from;
  return typeof begin === 'number' ? Math.max(begin, (searched?.seq ?? 0) + 1) : undefined;
}

/** Sequence of the first record of the selection from there on. */
async function firstOf(
  connection: Connection,
  { subjects = EVERYTHING }: Selection,
  begin: number,
): Promise<number | undefined> {
  const found = await Promise.all(subjects.map((subject) => firstOnAtLeader(connection, subject, begin)));
  const seqs = found.flatMap((record) => record?.seq ?? []);
  return seqs.length === 0 ? undefined : Math.min(...seqs);
}
