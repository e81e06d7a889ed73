/** A new generation of the log: old sets in archives, everything else at its place, nothing lost in between. */
import { EVENTS_STREAM, itemsPageKeys, setKey, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog, Maintenance } from '@setlist/eventlog';
import { readBackup, snapshotIn } from './backup.ts';

/** Sets that ended before a time and have not begun another round since, in the order in which they ended. */
export async function setsEndedBefore(log: Pick<EventLog, 'read'>, before: Date): Promise<string[]> {
  const ended: { setId: string; seq: number }[] = [];
  const lives = { subjects: [subjects.state('*')], from: 'last-of-each-subject' } as const;
  for await (const { event, time, subject, seq } of log.read(lives)) {
    const isEnd =
      event?.name === 'SetCompleted' || event?.name === 'SetCancelled' || event?.name === 'SetRejected';
    if (isEnd && time < before) ended.push({ setId: setOfSubject(subject), seq });
  }
  return ended.sort((a, b) => a.seq - b.seq).map(({ setId }) => setId);
}

/**
 * Makes the next generation in a broker that is empty: the backup without those sets. The ledger of sounds is kept
 * whole, so that what was paid stays known; every event keeps its sequence.
 * @returns how many events were left out
 * @throws BackupRefused, BrokerUnavailable
 */
export async function beginGeneration(
  broker: Maintenance,
  backup: string,
  setIds: readonly string[],
): Promise<number> {
  const contents = await readBackup(backup);
  const events = snapshotIn(backup, contents, EVENTS_STREAM);
  const leftOut = await broker.restoreWithout(events.head, events.chunks, setIds);
  for (const { head } of contents.streams) {
    if (head.stream === EVENTS_STREAM) continue;
    await broker.restore(head, snapshotIn(backup, contents, head.stream).chunks);
  }
  return leftOut;
}

/** Takes the archived sets' projections out of the new generation; what they said is in the archives. */
export async function forgetProjections(
  log: Pick<EventLog, 'sets'>,
  setIds: readonly string[],
): Promise<void> {
  for (const setId of setIds) {
    const pages = await log.sets.keys(itemsPageKeys(setId));
    for (const key of [...pages, setKey(setId)]) await log.sets.delete(key);
  }
}
