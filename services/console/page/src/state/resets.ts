/**
 * Back-off before everything is fetched again after a `reset`: it grows while the log makes no progress, since the same
 * place would give the same answer.
 */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export class Resets {
  #pauseMs = FIRST_MS;
  #position = -1;

  /** @param position the place in the log from which the stream was listening when it was reset */
  pauseMs(position: number): number {
    this.#pauseMs = position > this.#position ? FIRST_MS : Math.min(LONGEST_MS, 2 * this.#pauseMs);
    this.#position = position;
    return this.#pauseMs * (0.5 + Math.random());
  }
}
