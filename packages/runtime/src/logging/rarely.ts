/** Keeps repeats of the same line out of a log. */
import { RecentMap } from '../recent-map.ts';

/** How many subjects are remembered by default: one that was forgotten is said again. */
const MOST = 100;

export class Rarely {
  readonly #everyMs: number;
  readonly #saidAt: RecentMap<string, number>;

  /** @param everyMs how long something that was said is not repeated, in ms */
  constructor(everyMs: number, most = MOST) {
    this.#everyMs = everyMs;
    this.#saidAt = new RecentMap(most);
  }

  /** Whether a subject has not been said for that long; then it counts as said now. */
  isDue(subject: string): boolean {
    const now = performance.now();
    if (now - (this.#saidAt.get(subject) ?? Number.NEGATIVE_INFINITY) < this.#everyMs) return false;
    this.#saidAt.set(subject, now);
    return true;
  }
}
