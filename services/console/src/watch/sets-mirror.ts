/** Every set's summary at hand, and the set to which it belongs looked up for a caller. */
import { ALL_SETS_KEYS, type SetSummary, setKey, setOfSubject, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { beginningOf } from '@setlist/sets';

const AT_ONCE = 32;

type Log = Pick<EventLog, 'sets' | 'read' | 'first' | 'last'>;

export interface CaughtUp {
  /** Summaries that are others than before: nobody else tells of them. */
  readonly changed: readonly SetSummary[];
  /** Why some could not be fetched. */
  readonly failure?: unknown;
}

/**
 * A copy of the tracker's summaries. What changed is fetched when the log says that something was said of a set;
 * until the tracker has folded that, the set is behind.
 */
export class SetsMirror {
  readonly #log: Log;
  readonly #summaries = new Map<string, SetSummary>();
  /** By set: sequences of the first event since it fell behind and of the last, where the summary is not that far yet. */
  readonly #behind = new Map<string, { readonly first: number; readonly last: number }>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Fetches every set there is. */
  async load(): Promise<void> {
    const keys = await this.#log.sets.keys(ALL_SETS_KEYS);
    await inParallel(keys, AT_ONCE, async (key) => {
      const entry = await this.#log.sets.get<SetSummary>(key);
      if (entry) this.#keep(entry.value);
    });
  }

  /** Notes the sets of which the log has said more than was loaded: the tracker comes to that, or makes all of them anew. */
  async noteUnfolded(): Promise<void> {
    const lives = this.#log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
    await inParallel(lives, AT_ONCE, async (last) => {
      const setId = setOfSubject(last.subject);
      const seq = await this.#lastWord(setId, last);
      if (seq <= (this.#summaries.get(setId)?.lastSeq ?? 0)) return;
      // Of a set that has not begun, as far as this version can read it, no summary comes.
      if ((await beginningOf(this.#log, setId)) !== undefined) this.note(setId, seq);
    });
  }

  /** Of the many that have ended it is what ended them, but for notices: so none of them has to be asked for. */
  async #lastWord(setId: string, { seq, event }: Recorded): Promise<number> {
    if (event?.name === 'SetCompleted' || event?.name === 'SetRejected') return seq;
    return (await this.#log.last(subjects.ofSet(setId)))?.seq ?? seq;
  }

  /** Something was said of the set, at this place in the log. */
  note(setId: string, seq: number): void {
    this.#behind.set(setId, { first: this.#behind.get(setId)?.first ?? seq, last: seq });
  }

  /** Fetches the sets that are behind; one that can't be fetched stays behind, and keeps none of the others back. */
  async catchUp(): Promise<CaughtUp> {
    const changed: SetSummary[] = [];
    let failure: unknown;
    await inParallel([...this.#behind.keys()], AT_ONCE, async (setId) => {
      try {
        const entry = await this.#log.sets.get<SetSummary>(setKey(setId));
        if (entry && this.#keep(entry.value)) changed.push(entry.value);
      } catch (error) {
        failure = error;
      }
    });
    return { changed, ...(failure !== undefined && { failure }) };
  }

  /** Up to where in the log everything is in the summaries, where the log has been read up to `head`. */
  reflectedUpTo(head: number): number {
    let seq = head;
    for (const setId of this.#behind.keys()) seq = Math.min(seq, this.reflectedOf(setId, head));
    return seq;
  }

  /** The same of one set, which no other set keeps back. */
  reflectedOf(setId: string, head: number): number {
    const behind = this.#behind.get(setId);
    if (behind === undefined) return head;
    return Math.max(behind.first - 1, this.#summaries.get(setId)?.lastSeq ?? 0);
  }

  get(setId: string): SetSummary | undefined {
    return this.#summaries.get(setId);
  }

  all(): IterableIterator<SetSummary> {
    return this.#summaries.values();
  }

  #keep(summary: SetSummary): boolean {
    const { setId, lastSeq } = summary;
    if (lastSeq >= (this.#behind.get(setId)?.last ?? 0)) this.#behind.delete(setId);
    const known = this.#summaries.get(setId);
    if (known && known.lastSeq >= lastSeq) return false;
    this.#summaries.set(setId, summary);
    return true;
  }
}
