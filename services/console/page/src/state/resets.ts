/**
 * How long to wait after a `reset` until everything is fetched anew: longer each time while the log has come no further,
 * since from the same place the same answer is to be expected.
 */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export class Resets {
  #pauseMs = FIRST_MS;
  #position = -1;

  /** @param position in the log, from which was listened until the `reset` came */
  pauseMs(position: number): number {
    this.#pauseMs = position > this.#position ? FIRST_MS : Math.min(LONGEST_MS, 2 * this.#pauseMs);
    this.#position = position;
    return this.#pauseMs * (0.5 + Math.random());
  }
}
