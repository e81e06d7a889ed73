/** Who used which sound last, and who still wants it, as the log of all sets has it. */
import { setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { evolveOpenSet, type OpenSet, UnaskedSets } from '@setlist/sets';
import type { StoredSounds } from './stored-sounds.ts';

type Reading = Pick<EventLog, 'read' | 'head' | 'first'>;

/** Notes of each sound by which outcome it was used last: one pass over the outcomes of every set there ever was. */
export async function markUses(log: Reading, sounds: StoredSounds): Promise<void> {
  for await (const { event, seq, time } of log.read({ subjects: [subjects.outcome('*', '*', '*', '*')] })) {
    if (event?.name !== 'ItemCompleted') continue;
    const sound = sounds.get(event.data.hash);
    if (sound === undefined) continue;
    sound.lastUseSeq = seq;
    sound.lastUsedAt = time.getTime();
  }
}

/** Uses that went to archives with their sets: of any sound paid for up to the event the last one is no later than the time. */
export interface ArchivedUses {
  readonly upToSeq: number;
  /** Ms since 1970. */
  readonly lastAt: number;
}

/**
 * Archives tell nothing here, but that they were made: whatever they hold was said before the first event after them, or
 * before they were made where there is none.
 */
export async function archivedUses(log: Pick<EventLog, 'extent' | 'read' | 'clock'>): Promise<ArchivedUses> {
  const { upToSeq, at = log.clock.now() } = (await log.extent()).archived;
  if (upToSeq === 0) return { upToSeq, lastAt: 0 };
  for await (const { time } of log.read({ from: upToSeq })) return { upToSeq, lastAt: time.getTime() };
  return { upToSeq, lastAt: at };
}

/**
 * Notes which sounds sets want that have not ended, paused ones included.
 * @returns the sets among them that may want more: ingest has not asked for all their items yet
 */
export async function markWanted(log: Reading, sounds: StoredSounds): Promise<string[]> {
  const unasked = new UnaskedSets();
  for (const setId of await openSets(log)) {
    unasked.fold((await log.first(subjects.state(setId)))?.event);
    for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
      unasked.fold(event);
      const sound = event?.name === 'ItemRequested' ? sounds.get(event.data.hash) : undefined;
      if (sound) sound.wanted = true;
    }
  }
  return unasked.ids();
}

/** Those that have ended are remembered to the end of the log: a retry opens them again. */
async function openSets(log: Reading): Promise<string[]> {
  const sets = new Map<string, OpenSet>();
  for await (const record of log.read({ subjects: [subjects.state('*')] })) {
    const setId = setOfSubject(record.subject);
    const set = evolveOpenSet(sets.get(setId), record);
    if (set) sets.set(setId, set);
  }
  return [...sets].flatMap(([setId, { ended }]) => (ended ? [] : [setId]));
}

/** What sets have had to do with sounds since a place in the log. */
export class UsesSince {
  readonly #log: Reading;
  readonly #touched = new Set<string>();
  readonly #unasked = new UnaskedSets();
  #seq: number;

  constructor(log: Reading, seq: number) {
    this.#log = log;
    this.#seq = seq;
  }

  /** Reads on to where the log ends now. */
  async readOn(): Promise<void> {
    const head = await this.#log.head();
    if (head === this.#seq) return;
    for await (const { event } of this.#log.read({ subjects: [subjects.ofAllSets()], from: this.#seq + 1 })) {
      this.#unasked.fold(event);
      if (event?.name === 'ItemRequested' || event?.name === 'ItemCompleted')
        this.#touched.add(event.data.hash);
    }
    this.#seq = head;
  }

  /** Whether a set has asked for the sound or used it, or one was accepted that may still ask for it. */
  mayWant(hash: string): boolean {
    return this.#touched.has(hash) || !this.#unasked.isEmpty;
  }
}
