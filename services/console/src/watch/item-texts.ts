/** What the items of a set say, and how they are spoken: read from the log once, and kept for the sets looked at last. */
import { type EventData, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';

/** What a request says of an item, beyond what its row has. */
export interface ItemText {
  readonly text: string;
  readonly voice: string;
  readonly language: string | undefined;
  readonly format: string;
  readonly billedCharacters: number;
}

interface Kept {
  readonly byIndex: (ItemText | undefined)[];
  /** Sequence of the last request read. */
  seq: number;
  /** Of all its texts; in memory about as many bytes. */
  characters: number;
  /** Readings follow one another. */
  reading: Promise<void>;
}

/** Characters of text that are kept of all sets together. */
const KEPT_CHARACTERS = 64_000_000;

export class ItemTexts {
  readonly #log: Pick<EventLog, 'read'>;
  /** The set looked at last comes last. */
  readonly #kept = new Map<string, Kept>();

  constructor(log: Pick<EventLog, 'read'>) {
    this.#log = log;
  }

  /** By index; at least up to where the summary says that there are `requested` of them. */
  async of(setId: string, requested: number): Promise<readonly (ItemText | undefined)[]> {
    const kept = this.#kept.get(setId) ?? { byIndex: [], seq: 0, characters: 0, reading: Promise.resolve() };
    this.#kept.delete(setId);
    this.#kept.set(setId, kept);
    kept.reading = kept.reading
      .catch(() => undefined)
      .then(() => (kept.byIndex.length < requested ? this.#readOn(setId, kept) : undefined));
    await kept.reading;
    this.#forgetSome(setId);
    return kept.byIndex;
  }

  async #readOn(setId: string, kept: Kept): Promise<void> {
    const requests = this.#log.read({ subjects: [subjects.requested(setId, '*')], from: kept.seq + 1 });
    for await (const { seq, event } of requests) {
      kept.seq = seq;
      if (event?.name !== 'ItemRequested') continue;
      const said = textOf(event.data);
      kept.byIndex[event.data.index] = said;
      kept.characters += said.text.length;
    }
  }

  #forgetSome(inUse: string): void {
    let characters = 0;
    for (const kept of this.#kept.values()) characters += kept.characters;
    for (const [setId, kept] of this.#kept) {
      if (characters <= KEPT_CHARACTERS || setId === inUse) return;
      this.#kept.delete(setId);
      characters -= kept.characters;
    }
  }
}

function textOf({ sound, billedCharacters }: EventData<'ItemRequested'>): ItemText {
  const { text, voice, language, format } = sound;
  return { text, voice, language, format, billedCharacters };
}
