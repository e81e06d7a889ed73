/** Decides when a file in a watched folder is written to its end, from nothing but how it looks from outside. */

/** How a file looked: its size in bytes and when it was last written, in ms since 1970 by the file system's clock. */
export interface Look {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** The same moment on the wall clock and on a clock that never jumps, in ms. */
export interface Moment {
  readonly wallMs: number;
  readonly steadyMs: number;
}

/** Remembers how each file looked last, and since when. */
export class Settling {
  readonly #settleMs: number;
  #seen = new Map<string, { look: Look; sinceMs: number }>();

  /** @param settleMs how long a file must have been left alone */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /**
   * How long to wait before the file may be taken, in ms; 0: now. A file last written long enough ago (a move keeps
   * that time) is taken at once. Any other has to look the same for as long by our own clock, so that a file server
   * whose clock is ahead of ours keeps nothing waiting for ever.
   */
  waitMs(name: string, look: Look, now: Moment): number {
    const ageMs = now.wallMs - look.modifiedMs;
    if (ageMs >= this.#settleMs) return 0;
    const before = this.#seen.get(name);
    const unchanged =
      before !== undefined && before.look.bytes === look.bytes && before.look.modifiedMs === look.modifiedMs;
    const sinceMs = unchanged ? before.sinceMs : now.steadyMs;
    this.#seen.set(name, { look, sinceMs });
    return Math.max(0, Math.min(this.#settleMs - ageMs, this.#settleMs - (now.steadyMs - sinceMs)));
  }

  /** Forgets all files but these. */
  keepOnly(names: ReadonlySet<string>): void {
    this.#seen = new Map([...this.#seen].filter(([name]) => names.has(name)));
  }
}
