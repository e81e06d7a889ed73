/** Every set of the log, folded independently of what the tracker has written. */
import { setOfSubject, subjects } from '@setlist/contracts';
import type { LogRecord } from '@setlist/sets';
import { RowStates } from './row-states.ts';
import { ShadowSet, type Step } from './shadow-set.ts';

/** Whether a subject belongs to a sound, and therefore to no set. */
export const isSoundSubject = (subject: string): boolean => subject.startsWith(subjects.sound(''));

export class Shadow {
  /** In the order in which they began. */
  readonly sets: Map<string, ShadowSet>;
  /** Sequence of the last record folded. */
  position: number;

  readonly #withDigests: boolean;

  /** @param options whether rows are to be compared with others, see `RowStates` */
  constructor(sets: Map<string, ShadowSet> = new Map(), position = 0, { withDigests = false } = {}) {
    this.sets = sets;
    this.position = position;
    this.#withDigests = withDigests;
  }

  /** The sets, last accepted first: the order in which dispatchers decide whose file it is that several runs write. */
  newestFirst(): ShadowSet[] {
    return [...this.sets.values()].reverse();
  }

  /** Folds the next record of the log. @returns `undefined` where the record is about a sound */
  apply(record: LogRecord): { readonly set: ShadowSet; readonly step: Step } | undefined {
    this.position = record.seq;
    if (isSoundSubject(record.subject)) return undefined;
    const setId = setOfSubject(record.subject);
    let set = this.sets.get(setId);
    if (set === undefined) {
      set = new ShadowSet(setId, { rows: new RowStates({ withDigests: this.#withDigests }) });
      this.sets.set(setId, set);
    }
    return { set, step: set.apply(record) };
  }
}
