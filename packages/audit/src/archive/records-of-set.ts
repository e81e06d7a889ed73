/** All events of one set and of the sounds that its items name, in the log's order. */
import { subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';

type Log = Pick<EventLog, 'read' | 'first' | 'head'>;

/** The whole ledger of a log of so many events is read in the time that it takes to look up one sound. */
const EVENTS_PER_LOOK_UP = 150;
/** The events of sounds that are looked up are held in memory. */
const MOST_LOOKED_UP = 50_000;

/** Reads the set's events up to now and, merged with them, the ledger's events of the sounds that they name. */
export async function* recordsOfSet(log: Log, setId: string): AsyncGenerator<Recorded> {
  // What a set under way is requested or gets from here on may name other sounds.
  const head = await log.head();
  const sounds = await soundsOf(log, setId);
  const own = upTo(head, log.read({ subjects: [subjects.ofSet(setId)] }));
  const areFew = sounds.size <= Math.min(head / EVENTS_PER_LOOK_UP, MOST_LOOKED_UP);
  const ledger = areFew ? lookedUp(log, sounds) : pickedOut(log, sounds);
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

async function* upTo(head: number, records: AsyncIterable<Recorded>): AsyncGenerator<Recorded> {
  for await (const record of records) {
    if (record.seq > head) return;
    yield record;
  }
}

/** The subjects of the sounds that a set requested. */
async function soundsOf(log: Log, setId: string): Promise<ReadonlySet<string>> {
  const sounds = new Set<string>();
  for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (event?.name === 'ItemRequested') sounds.add(subjects.sound(event.data.hash));
  }
  return sounds;
}

async function* lookedUp(log: Log, wanted: ReadonlySet<string>): AsyncGenerator<Recorded> {
  const records: Recorded[] = [];
  for (const sound of wanted) {
    for (let next = await log.first(sound); next; next = await log.first(sound, next.seq + 1))
      records.push(next);
  }
  yield* records.sort((a, b) => a.seq - b.seq);
}

async function* pickedOut(log: Log, wanted: ReadonlySet<string>): AsyncGenerator<Recorded> {
  for await (const record of log.read({ subjects: [subjects.sound('*')] })) {
    if (wanted.has(record.subject)) yield record;
  }
}
