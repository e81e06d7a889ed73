/** How fast a set moves over the last seconds; an average since its start would say little about now. */

interface Sample {
  readonly atMs: number;
  readonly done: number;
}

const WINDOW_MS = 10_000;
const SHORTEST_MS = 500;

export class ItemRate {
  #samples: Sample[] = [];

  /** Records how many items are done. @param atMs the time on a monotonic clock */
  note(atMs: number, done: number): void {
    this.#samples.push({ atMs, done });
    const from = atMs - WINDOW_MS;
    // One sample from before the window stays, as its left edge.
    while ((this.#samples[1]?.atMs ?? atMs) < from) this.#samples.shift();
  }

  /** Items per second; undefined until there is something to measure. */
  perSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < SHORTEST_MS) return undefined;
    return (1_000 * (last.done - first.done)) / (last.atMs - first.atMs);
  }
}
