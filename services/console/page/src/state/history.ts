/** Folds a set's timeline up to any place, quickly enough to follow a finger on a slider. */
import type { Counts, Mark, Timeline } from '../api/types.ts';

interface Step {
  readonly seq: number;
  readonly ms: number;
  readonly item?: { readonly mark: Mark; readonly index: number };
  readonly event?: string;
  readonly who?: string;
}

export interface Then {
  readonly counts: Counts;
  readonly state: string;
  /** A mark for every item. */
  readonly items: readonly string[];
}

const STATE_AFTER: Readonly<Record<string, string>> = {
  SetAccepted: 'running',
  SetRejected: 'rejected',
  SetPaused: 'paused',
  SetResumed: 'running',
  SetRetried: 'running',
  SetCompleted: 'completed',
  SetCancelled: 'cancelled',
};

const SAYS: Readonly<Record<Mark, string>> = {
  r: 'asked for',
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
    const ofItems = items.map(([seq, ms, mark, index]): Step => ({ seq, ms, item: { mark, index } }));
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

  /** The set after so many events. */
  at(place: number): Then {
    const items = new Array<string>(this.#total).fill(' ');
    let state = 'running';
    for (const { item, event } of this.#steps.slice(0, place)) {
      if (item) items[item.index] = item.mark;
      else if (event) state = STATE_AFTER[event] ?? state;
    }
    const count = (mark: Mark): number => items.reduce((sum, of) => (of === mark ? sum + 1 : sum), 0);
    const [paid, reused, recovered, failed] = [count('p'), count('u'), count('c'), count('f')];
    const completed = paid + reused + recovered;
    const requested = completed + failed + count('r');
    return {
      counts: { total: this.#total, completed, failed, paid, reused, recovered, requested },
      state,
      items,
    };
  }

  /** The last events before a place, the newest first. */
  last(place: number, most: number): { seq: number; ms: number; what: string }[] {
    return this.#steps
      .slice(Math.max(0, place - most), place)
      .reverse()
      .map(({ seq, ms, item, event, who }) => ({
        seq,
        ms: this.#from + ms,
        what: item
          ? `item ${item.index} ${SAYS[item.mark]}`
          : `${wordsOf(event ?? '')}${who ? ` by ${who}` : ''}`,
      }));
  }
}

/** `SetCompleted` as `set completed`. */
const wordsOf = (event: string): string => event.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
