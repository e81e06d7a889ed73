/**
 * Detects a reader that is stuck although there is more for it to read. Seen after the death of a cluster's leader
 * (nats-server 2.10.27): the broker still answered pulls, with heartbeats and time-outs, but delivered nothing.
 */
import { sleep } from '@setlist/runtime';
import type { Connection } from '../connection/connection.ts';
import { isClosed } from '../connection/failures.ts';
import { endOf, firstOnAtLeader, type LogEnd } from './read.ts';
import type { Selection } from './selection.ts';

/** Interval between checks of an idle reader, in ms, times its patience. A check costs at least two requests. */
const LOOK_EVERY_MS = 2_000;
const EVERYTHING = ['>'];

/** A reader's progress: what it still has to read. */
export interface ReaderPlace extends Selection {
  /** Where it was to begin or, after the first record, the sequence after the last record. */
  from?: NonNullable<Selection['from']>;
  /**
   * The log's end at the last check that found nothing to read before it, so that nothing is searched twice: to find
   * the next message for a wildcard, nats-server 2.10 scans all that it has in memory, and so keeps it there.
   */
  searched?: LogEnd;
  /** Whether the reader waits for a record; false while its consumer works on the last one. */
  isIdle: boolean;
  /** Factor on how long the broker can be silent or withhold a record: new readers make a slow broker slower. */
  patience: number;
  /** Why a check of the reader failed. */
  failure?: { readonly error: unknown };
}

/**
 * Calls `end` once, when the reader is idle before the same unread record at two checks in a row: at the first check, a
 * record that was just stored can still be on its way. It also calls `end` if a check fails, and sets `place.failure`.
 * Disposing stops the checks.
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

/** Checks until the reader is stuck (true) or the checks are stopped (false, or a rejected sleep). */
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

/** The first sequence that can be unread; nothing for a reader that begins at a moment and has received nothing. */
function unreadFrom({ from = 1, searched }: ReaderPlace): number | undefined {
  // A reader of each subject's last message has something to read if there is any message at all.
  const begin = from === 'last-of-each-subject' ? 1 : from;
  return typeof begin === 'number' ? Math.max(begin, (searched?.seq ?? 0) + 1) : undefined;
}

/** Sequence of the selection's first record at or after `begin`. */
async function firstOf(
  connection: Connection,
  { subjects = EVERYTHING }: Selection,
  begin: number,
): Promise<number | undefined> {
  const found = await Promise.all(subjects.map((subject) => firstOnAtLeader(connection, subject, begin)));
  const seqs = found.flatMap((record) => record?.seq ?? []);
  return seqs.length === 0 ? undefined : Math.min(...seqs);
}
