/** What the items of a set say, and how they are spoken: read from the log once, and kept for the sets looked at last. */
import { type EventData, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { Slots } from '@setlist/runtime';

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
  /** Of all its texts in memory, more or less. */
  bytes: number;
  /** Readings follow one another. */
  reading: Promise<void>;
}

/** Bytes of texts that are kept of all sets together, more or less. */
const KEPT_BYTES = 64_000_000;
/** Of a text, beside its characters. */
const BYTES_EACH = 100;
/** Sets that are read at once. */
const READ_AT_ONCE = 2;

export class ItemTexts {
  readonly #log: Pick<EventLog, 'read'>;
  readonly #slots = new Slots(READ_AT_ONCE);
  /** The set looked at last comes last. */
  readonly #kept = new Map<string, Kept>();

  constructor(log: Pick<EventLog, 'read'>) {
    this.#log = log;
  }

  /**
   * By index; with that of the item at `index`, which is known to be asked for. Its request may be behind later items', as
   * when it was published again.
   * @param signal ends the reading, with its own reason; another caller's goes on from there
   */
  async of(setId: string, index: number, signal?: AbortSignal): Promise<readonly (ItemText | undefined)[]> {
    const kept = this.#kept.get(setId) ?? { byIndex: [], seq: 0, bytes: 0, reading: Promise.resolve() };
    this.#kept.delete(setId);
    this.#kept.set(setId, kept);
    kept.reading = kept.reading
      .catch(() => undefined)
      .then(() => (kept.byIndex[index] === undefined ? this.#readOn(setId, kept, signal) : undefined));
    await kept.reading;
    this.#forgetSome(setId);
    return kept.byIndex;
  }

  async #readOn(setId: string, kept: Kept, signal: AbortSignal | undefined): Promise<void> {
    using _slot = await this.#slots.take(signal);
    const requests = this.#log.read({ subjects: [subjects.requested(setId, '*')], from: kept.seq + 1 });
    for await (const { seq, event } of requests) {
      signal?.throwIfAborted();
      kept.seq = seq;
      if (event?.name !== 'ItemRequested') continue;
      const said = textOf(event.data);
      kept.byIndex[event.data.index] = said;
      kept.bytes += said.text.length + BYTES_EACH;
    }
  }

  #forgetSome(inUse: string): void {
    let bytes = 0;
    for (const kept of this.#kept.values()) bytes += kept.bytes;
    for (const [setId, kept] of this.#kept) {
      if (bytes <= KEPT_BYTES || setId === inUse) return;
      this.#kept.delete(setId);
      bytes -= kept.bytes;
    }
  }
}

function textOf({ sound, billedCharacters }: EventData<'ItemRequested'>): ItemText {
  const { text, voice, language, format } = sound;
  return { text, voice, language, format, billedCharacters };
}
