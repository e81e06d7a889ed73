/** A new generation of the log: it leaves out archived sets and keeps everything else, each event at its sequence. */
import { EVENTS_STREAM, itemsPageKeys, setKey } from '@setlist/contracts';
import type { EventLog, Maintenance } from '@setlist/eventlog';
import { readBackup, snapshotIn } from './backup.ts';

/**
 * Makes the next generation in an empty broker: the backup without these sets. The ledger of sounds is kept complete,
 * so that payments stay known; every event keeps its sequence.
 * @param folder folder of the backup
 * @returns how many events were left out
 * @throws Refused, BrokerUnavailable
 */
export async function beginGeneration(
  broker: Maintenance,
  folder: string,
  setIds: readonly string[],
): Promise<number> {
  const backup = await readBackup(folder);
  const events = snapshotIn(backup, EVENTS_STREAM);
  const leftOut = await broker.restoreWithout(events.head, events.chunks, setIds);
  for (const { head } of backup.streams) {
    if (head.stream === EVENTS_STREAM) continue;
    await broker.restore(head, snapshotIn(backup, head.stream).chunks);
  }
  return leftOut;
}

/** Deletes the archived sets' projections from the new generation; the archives hold the events that they came from. */
export async function forgetProjections(
  log: Pick<EventLog, 'sets'>,
  setIds: readonly string[],
): Promise<void> {
  for (const setId of setIds) {
    const pages = await log.sets.keys(itemsPageKeys(setId));
    for (const key of [...pages, setKey(setId)]) await log.sets.delete(key);
  }
}
