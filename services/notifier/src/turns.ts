/** Keeps the messages of one channel apart, so that a burst of them does not flood it. */

/** Whose turn is further away than this doesn't wait for it here. */
const PATIENCE_MS = 1_000;

export type Turn = { readonly inMs: number } | { readonly askAgainInMs: number };

/**
 * Turns come at a steady rate, by `now`, a clock in ms that never jumps. One that is near is taken; where it is far,
 * nothing is kept: whoever asked is told when it will be worth asking again, later for each, so that they come back one
 * by one. If someone new has the turn by then, they are sent to the end of the line.
 */
export class Turns {
  readonly #intervalMs: number;
  readonly #now: () => number;
  #nextTurn = 0;
  #endOfLine = 0;

  constructor(perSecond: number, now: () => number) {
    this.#intervalMs = 1_000 / perSecond;
    this.#now = now;
  }

  take(): Turn {
    const now = this.#now();
    const turn = Math.max(now, this.#nextTurn);
    if (turn - now <= PATIENCE_MS) {
      this.#nextTurn = turn + this.#intervalMs;
      return { inMs: turn - now };
    }
    this.#endOfLine = Math.max(this.#endOfLine, this.#nextTurn - this.#intervalMs) + this.#intervalMs;
    return { askAgainInMs: this.#endOfLine - now };
  }
}
