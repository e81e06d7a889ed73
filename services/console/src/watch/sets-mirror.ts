/** Keeps every set's summary in memory. */
import {
  ALL_SETS_KEYS,
  newestFirst,
  type SetSummary,
  setKey,
  setOfSubject,
  subjects,
} from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { beginningOf } from '@setlist/sets';

const AT_ONCE = 32;
/** After this many looks, some ten seconds, a set without a summary is checked for a beginning. */
const PATIENT_LOOKS = 40;

type Log = Pick<EventLog, 'sets' | 'read' | 'first' | 'last'>;

export interface CaughtUp {
  /** The summaries that have changed, for the caller to announce. */
  readonly changed: readonly SetSummary[];
  /** Why some summaries could not be fetched. */
  readonly failure?: unknown;
}

/**
 * A copy of the tracker's summaries. A set's summary is fetched again when the log has a new event of the set; until
 * the tracker has folded that event, the set is behind.
 */
export class SetsMirror {
  readonly #log: Log;
  /** Newest first, except for those added since the last look: one that changes keeps its place. */
  #summaries = new Map<string, SetSummary>();
  #isOrdered = true;
  /**
   * Sets whose summary lags: sequence of the first event that it lacked when it fell behind, and of the last; and how
   * often there was no summary at all.
   */
  readonly #behind = new Map<
    string,
    { readonly first: number; readonly last: number; readonly looks: number }
  >();
  /** Sets with events but without a beginning that this version can read: they never get a summary. */
  readonly #unbegun = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Fetches the summary of every set, and forgets all that was known before. */
  async load(): Promise<void> {
    const keys = await this.#log.sets.keys(ALL_SETS_KEYS);
    const summaries = new Map<string, SetSummary>();
    await inParallel(keys, AT_ONCE, async (key) => {
      const entry = await this.#log.sets.get<SetSummary>(key);
      if (entry) summaries.set(entry.value.setId, entry.value);
    });
    this.#summaries = summaries;
    this.#isOrdered = false;
    this.#behind.clear();
  }

  /** Marks sets as behind whose events go beyond their loaded summaries: the tracker is still folding them. */
  async noteUnfolded(): Promise<void> {
    const lives = this.#log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
    await inParallel(lives, AT_ONCE, async (last) => {
      const setId = setOfSubject(last.subject);
      const seq = await this.#lastWord(setId, last);
      if (seq <= (this.#summaries.get(setId)?.lastSeq ?? 0)) return;
      // A set whose beginning this version can't read never gets a summary.
      if ((await beginningOf(this.#log, setId)) !== undefined) this.note(setId, seq);
    });
  }

  /** For ended sets, this is the event that ended them, notices aside: the broker is not asked about each of them. */
  async #lastWord(setId: string, { seq, event }: Recorded): Promise<number> {
    if (event?.name === 'SetCompleted' || event?.name === 'SetRejected') return seq;
    return (await this.#log.last(subjects.ofSet(setId)))?.seq ?? seq;
  }

  /** Notes that the set has an event at this place in the log. */
  note(setId: string, seq: number): void {
    const { first, looks } = this.#behind.get(setId) ?? { first: seq, looks: 0 };
    this.#behind.set(setId, { first, last: seq, looks });
  }

  /** Fetches the sets that are behind; one that can't be fetched stays behind without holding up the others. */
  async catchUp(): Promise<CaughtUp> {
    const changed: SetSummary[] = [];
    let failure: unknown;
    await inParallel([...this.#behind.keys()], AT_ONCE, async (setId) => {
      try {
        const entry = await this.#log.sets.get<SetSummary>(setKey(setId));
        if (!entry) await this.#lookForBeginning(setId);
        else if (this.#keep(entry.value)) changed.push(entry.value);
      } catch (error) {
        failure = error;
      }
    });
    return { changed, ...(failure !== undefined && { failure }) };
  }

  /** Otherwise a set that never gets a summary would hold the place back for ever. */
  async #lookForBeginning(setId: string): Promise<void> {
    const behind = this.#behind.get(setId);
    if (behind === undefined) return;
    const looks = behind.looks + 1;
    this.#behind.set(setId, { ...behind, looks });
    if (looks % PATIENT_LOOKS > 0 && !this.#unbegun.has(setId)) return;
    if ((await beginningOf(this.#log, setId)) !== undefined) return void this.#unbegun.delete(setId);
    this.#unbegun.add(setId);
    this.#behind.delete(setId);
  }

  /** The place up to which the summaries include everything, given that the log has been read up to `head`. */
  reflectedUpTo(head: number): number {
    let seq = head;
    for (const setId of this.#behind.keys()) seq = Math.min(seq, this.reflectedOf(setId, head));
    return seq;
  }

  /** The same for one set, whatever the others lack. */
  reflectedOf(setId: string, head: number): number {
    const behind = this.#behind.get(setId);
    if (behind === undefined) return head;
    return Math.max(behind.first - 1, this.#summaries.get(setId)?.lastSeq ?? 0);
  }

  get(setId: string): SetSummary | undefined {
    return this.#summaries.get(setId);
  }

  /** Newest first. */
  all(): IterableIterator<SetSummary> {
    if (!this.#isOrdered)
      this.#summaries = new Map([...this.#summaries].sort(([, a], [, b]) => newestFirst(a, b)));
    this.#isOrdered = true;
    return this.#summaries.values();
  }

  #keep(summary: SetSummary): boolean {
    const { setId, lastSeq } = summary;
    if (lastSeq >= (this.#behind.get(setId)?.last ?? 0)) this.#behind.delete(setId);
    const known = this.#summaries.get(setId);
    if (known && known.lastSeq >= lastSeq) return false;
    if (known === undefined) this.#isOrdered = false;
    this.#summaries.set(setId, summary);
    return true;
  }
}
