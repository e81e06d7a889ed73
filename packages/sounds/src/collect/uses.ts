/** Which set used a sound last, and which sets still want it, from the log of all sets. */
import { subjects } from '@setlist/contracts';
import { type EventLog, openSetIds } from '@setlist/eventlog';
import type { StoredSounds } from './stored-sounds.ts';
import { UnaskedSets } from './unasked-sets.ts';

type Reading = Pick<EventLog, 'read' | 'head' | 'first'>;

/** Records the last use of each sound, in one pass over the outcomes of every set in the log. */
export async function markUses(log: Reading, sounds: StoredSounds): Promise<void> {
  for await (const { event, seq, time } of log.read({ subjects: [subjects.outcome('*', '*', '*', '*')] })) {
    if (event?.name !== 'ItemCompleted') continue;
    const sound = sounds.get(event.data.hash);
    if (sound === undefined) continue;
    sound.lastUseSeq = seq;
    sound.lastUsedAt = time.getTime();
  }
}

/** Archived uses: of a sound paid for by `upToSeq`, the last one in an archive is no later than `lastAt`. */
export interface ArchivedUses {
  readonly upToSeq: number;
  /** Ms since 1970. */
  readonly lastAt: number;
}

/**
 * Archives are not read. All that is known is that whatever they hold was stored before the first event after them or,
 * where there is none, before they were made.
 */
export async function archivedUses(log: Pick<EventLog, 'extent' | 'read' | 'clock'>): Promise<ArchivedUses> {
  const { upToSeq, at = log.clock.now() } = (await log.extent()).archived;
  if (upToSeq === 0) return { upToSeq, lastAt: 0 };
  for await (const { time } of log.read({ from: upToSeq })) return { upToSeq, lastAt: time.getTime() };
  return { upToSeq, lastAt: at };
}

/**
 * Marks the sounds wanted by sets that have not ended, including paused ones.
 * @returns the sets among them that may want more: ingest has not requested all of their items yet
 */
export async function markWanted(log: Reading, sounds: StoredSounds): Promise<string[]> {
  const unasked = new UnaskedSets();
  for await (const setId of openSetIds(log)) {
    unasked.fold((await log.first(subjects.state(setId)))?.event);
    for await (const { event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
      unasked.fold(event);
      const sound = event?.name === 'ItemRequested' ? sounds.get(event.data.hash) : undefined;
      if (sound) sound.wanted = true;
    }
  }
  return unasked.ids();
}

/** The sounds that sets have requested or used since a place in the log. */
export class UsesSince {
  readonly #log: Reading;
  readonly #touched = new Set<string>();
  readonly #unasked = new UnaskedSets();
  #seq: number;

  constructor(log: Reading, seq: number) {
    this.#log = log;
    this.#seq = seq;
  }

  /** Reads on to the end of the log. */
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

  /** Whether a set has requested or used the sound, or a set accepted or retried since may still request it. */
  mayWant(hash: string): boolean {
    return this.#touched.has(hash) || !this.#unasked.isEmpty;
  }
}
