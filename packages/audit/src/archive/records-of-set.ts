/** Everything that the log says of one set and of the sounds that its items name, in the log's order. */
import { subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';

type Log = Pick<EventLog, 'read'>;

/** Reads the set's events and, beside them, the ledger of all sounds, and leaves out those that it does not name. */
export async function* recordsOfSet(log: Log, setId: string): AsyncGenerator<Recorded> {
  const hashes = await soundsOf(log, setId);
  const own = log.read({ subjects: [subjects.ofSet(setId)] });
  const ledger = soundRecords(log, hashes);
  try {
    let [next, sound] = [await own.next(), await ledger.next()];
    while (!next.done || !sound.done) {
      if (sound.done || (!next.done && next.value.seq < sound.value.seq)) {
        if (!next.done) yield next.value;
        next = await own.next();
      } else {
        yield sound.value;
        sound = await ledger.next();
      }
    }
  } finally {
    await own.return(undefined);
    await ledger.return(undefined);
  }
}

async function soundsOf(log: Log, setId: string): Promise<ReadonlySet<string>> {
  const hashes = new Set<string>();
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (event?.name === 'ItemRequested') hashes.add(subjects.sound(event.data.hash));
  }
  return hashes;
}

async function* soundRecords(log: Log, wanted: ReadonlySet<string>): AsyncGenerator<Recorded> {
  if (wanted.size === 0) return;
  for await (const record of log.read({ subjects: [subjects.sound('*')] })) {
    if (wanted.has(record.subject)) yield record;
  }
}
