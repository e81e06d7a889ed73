/** Texts and voices of a set's items: read from the log once, and cached for the most recently viewed sets. */
import { type EventData, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { Slots } from '@setlist/runtime';

/** What an `ItemRequested` event has beyond the item's row. */
export interface ItemText {
  readonly text: string;
  readonly voice: string;
  readonly language: string | undefined;
  readonly format: string;
  readonly billedCharacters: number;
}

interface Kept {
  readonly byIndex: (ItemText | undefined)[];
  /** Sequence of the last request that was read. */
  seq: number;
  /** Approximate size of its texts in memory. */
  bytes: number;
  /** When its texts were last asked for, in ms by {@link performance.now}. */
  usedAt: number;
  /** The tail of a chain of reads, so that they run one at a time. */
  reading: Promise<void>;
}

/** Most bytes of texts to keep for all sets together once nobody views them, approximately. */
const KEPT_BYTES = 64_000_000;
/** How long a set counts as viewed after it was last asked for, in ms: a large one takes long to read again. */
const VIEWED_MS = 60_000;
/** Most bytes of texts to keep for all sets together, viewed or not: two sets of a million short lines. */
const MOST_BYTES = 300_000_000;
/** Approximate overhead of one text, beside its characters. */
const BYTES_EACH = 100;
/** Sets that are read at the same time. */
const READ_AT_ONCE = 2;

export class ItemTexts {
  readonly #log: Pick<EventLog, 'read'>;
  readonly #slots = new Slots(READ_AT_ONCE);
  /** In order of use: the most recently viewed set is last. */
  readonly #kept = new Map<string, Kept>();

  readonly #now: () => number;

  constructor(log: Pick<EventLog, 'read'>, now = (): number => performance.now()) {
    this.#log = log;
    this.#now = now;
  }

  /**
   * Texts by index, with that of the item at `index`, which must have been requested. Its request can come after those
   * of later items, for example when it was published again.
   * @param signal ends the reading with its reason; another caller's read continues from there
   */
  async of(setId: string, index: number, signal?: AbortSignal): Promise<readonly (ItemText | undefined)[]> {
    const kept = this.#kept.get(setId) ?? noneYet();
    kept.usedAt = this.#now();
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

  /** Has all texts read again: the log has lost its end, and other requests can be where those were that it has lost. */
  forget(): void {
    this.#kept.clear();
  }

  #forgetSome(inUse: string): void {
    let bytes = 0;
    for (const kept of this.#kept.values()) bytes += kept.bytes;
    for (const [setId, kept] of this.#kept) {
      const isViewed = this.#now() - kept.usedAt <= VIEWED_MS;
      if (bytes <= (isViewed ? MOST_BYTES : KEPT_BYTES) || setId === inUse) return;
      this.#kept.delete(setId);
      bytes -= kept.bytes;
    }
  }
}

const noneYet = (): Kept => ({ byIndex: [], seq: 0, bytes: 0, usedAt: 0, reading: Promise.resolve() });

function textOf({ sound, billedCharacters }: EventData<'ItemRequested'>): ItemText {
  const { text, voice, language, format } = sound;
  return { text, voice, language, format, billedCharacters };
}
