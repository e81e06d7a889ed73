/** Runs work for the same key one after another, in order, and for different keys concurrently. */

export class Lines {
  readonly #most: number;
  /** By key: how many are in the line, and when the last ends. */
  readonly #lines = new Map<string, { length: number; end: Promise<void> }>();

  /** @param most how many can be in one line, including the one that runs */
  constructor(most: number) {
    this.#most = most;
  }

  /** Runs the work when its turn comes. @returns undefined if the line is full; otherwise settles as the work does */
  join(what: string, work: () => Promise<void>): Promise<void> | undefined {
    const { length, end } = this.#lines.get(what) ?? { length: 0, end: Promise.resolve() };
    if (length >= this.#most) return undefined;
    const done = end.then(work, work).finally(() => this.#leave(what));
    this.#lines.set(what, { length: length + 1, end: done });
    return done;
  }

  #leave(what: string): void {
    const line = this.#lines.get(what);
    if (line === undefined) return;
    if (line.length === 1) this.#lines.delete(what);
    else this.#lines.set(what, { ...line, length: line.length - 1 });
  }
}
