/** Work for the same thing one after another, in order, and side by side for different things. */

export class Lines {
  readonly #most: number;
  /** By what they are for: how many are in it, and the end of the last. */
  readonly #lines = new Map<string, { length: number; end: Promise<void> }>();

  /** @param most how many may be in one line, the one whose turn it is included */
  constructor(most: number) {
    this.#most = most;
  }

  /** Does the work when its turn has come; nothing where its line is full. The work settles everything by itself. */
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
