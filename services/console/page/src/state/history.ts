/** Folds a set's timeline up to any place, fast enough to follow a finger on a slider. */
import type { Counts, Mark, SetState, Timeline } from '../api/types.ts';
import { markAfter } from './marks.ts';

interface Step {
  readonly seq: number;
  readonly ms: number;
  readonly mark?: Mark;
  readonly index?: number;
  readonly event?: string;
  readonly who?: string | undefined;
}

export interface Then {
  readonly counts: Counts;
  readonly state: SetState;
  /** The state of every item; `undefined` for items that had not been requested yet. */
  readonly marks: readonly (Mark | undefined)[];
}

const STATE_AFTER: Readonly<Record<string, SetState>> = {
  SetAccepted: 'running',
  SetRejected: 'rejected',
  SetPaused: 'paused',
  SetResumed: 'running',
  SetRetried: 'running',
  SetCompleted: 'completed',
  SetCancelled: 'cancelled',
};

const SAYS: Readonly<Record<Mark, string>> = {
  r: 'requested',
  p: 'paid and done',
  u: 'done by reuse',
  c: 'recovered',
  f: 'failed',
};

export class History {
  readonly #steps: readonly Step[];
  readonly #from: number;
  readonly #total: number;

  constructor({ from, items, life }: Timeline, total: number) {
    const ofItems = items.map(([seq, ms, mark, index]): Step => ({ seq, ms, mark, index }));
    this.#steps = [...ofItems, ...life].sort((a, b) => a.seq - b.seq);
    this.#from = from;
    this.#total = total;
  }

  get length(): number {
    return this.#steps.length;
  }

  /** Milliseconds since 1970. */
  momentOf(place: number): number {
    return this.#from + (this.#steps[place - 1]?.ms ?? 0);
  }

  /** The event's place in the log. */
  seqOf(place: number): number {
    return this.#steps[place - 1]?.seq ?? 0;
  }

  /** The set after its first `place` events. */
  at(place: number): Then {
    const marks = new Array<Mark | undefined>(this.#total).fill(undefined);
    const sums: Record<Mark, number> = { r: 0, p: 0, u: 0, c: 0, f: 0 };
    let state: SetState = 'running';
    for (let at = 0; at < place; at++) {
      const { mark, index = 0, event } = this.#steps[at] ?? {};
      if (mark) {
        const before = marks[index];
        if (before) sums[before]--;
        const after = markAfter(before, mark);
        sums[after]++;
        marks[index] = after;
      } else if (event) state = STATE_AFTER[event] ?? state;
    }
    const completed = sums.p + sums.u + sums.c;
    const counts = {
      total: this.#total,
      completed,
      failed: sums.f,
      paid: sums.p,
      reused: sums.u,
      recovered: sums.c,
      requested: completed + sums.f + sums.r,
    };
    return { counts, state, marks };
  }

  /** The event at this place, in words. */
  wordsOf(place: number): string {
    const { mark, index, event = '', who } = this.#steps[place - 1] ?? {};
    if (mark) return `item ${index} ${SAYS[mark]}`;
    return `${event.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()}${who ? ` by ${who}` : ''}`;
  }
}
