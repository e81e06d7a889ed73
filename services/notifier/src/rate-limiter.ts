/** Spaces out the messages of one channel, so that a burst does not flood it. */

/** The longest wait for a turn here, in ms; messages with later turns come back. */
const PATIENCE_MS = 1_000;

export type Turn = { readonly inMs: number } | { readonly askAgainInMs: number };

/**
 * Turns come at a steady rate, by `now`, a clock in ms that never jumps. A near turn is taken. A far one is not
 * reserved: the message is told when to ask again, each one later than the last, so that they come back one by one. If
 * a new message has taken the turn by then, the one that came back goes to the end of the line.
 */
export class RateLimiter {
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
