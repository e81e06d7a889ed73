/**
 * Lets new files pass: requesting a long set's items keeps this process and the broker busy, and each of the many short
 * steps from a file in a folder to its acceptance would wait behind them.
 */
import { settlesWithin } from '@setlist/runtime';

/** How long requests wait for a file, in ms: it may take longer, for example to look up what its sounds cost. */
const PATIENCE_MS = 250;

export class PriorityGate {
  readonly #patienceMs: number;
  readonly #passing = new Set<Promise<unknown>>();

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /** Takes steps that requests make room for. */
  async pass<T>(steps: () => Promise<T>): Promise<T> {
    const taken = steps();
    const passing = settlesWithin(this.#patienceMs, taken)
      .catch(() => undefined)
      .finally(() => this.#passing.delete(passing));
    this.#passing.add(passing);
    return await taken;
  }

  /** Resolves when all that pass now have passed, or have had their time: later ones don't hold up the caller. */
  async clear(): Promise<void> {
    await Promise.all(this.#passing);
  }
}
