/** Decides when a file in a watched folder is completely written, only from its size and times. */

/** How a file looked; times in ms since 1970, both by the file system's own clock. */
export interface Look {
  readonly bytes: number;
  /** When it was last written. */
  readonly modifiedMs: number;
  /** When it was last changed in any way: by a write, or by a move. */
  readonly changedMs: number;
}

/** Remembers how each file looked last, and since when it has looked so. */
export class Settling {
  readonly #settleMs: number;
  #seen = new Map<string, { look: Look; sinceMs: number }>();

  /** @param settleMs how long a file must have been left alone, in ms */
  constructor(settleMs: number) {
    this.#settleMs = settleMs;
  }

  /**
   * How long to wait before the file can be taken, in ms; 0 means now. The file was left alone from its last write to
   * its last change, by the file system's clock, and since it was first seen like this, by ours. The two clocks are
   * never compared: a file server's may be ahead or behind. A file that is written elsewhere and moved in later is
   * taken at once, since a move is a change but not a write.
   *
   * @param nowMs on a clock that never jumps
   */
  waitMs(name: string, look: Look, nowMs: number): number {
    const before = this.#seen.get(name);
    const sinceMs = before && isSame(before.look, look) ? before.sinceMs : nowMs;
    this.#seen.set(name, { look, sinceMs });
    const aloneMs = Math.max(0, look.changedMs - look.modifiedMs) + nowMs - sinceMs;
    return Math.max(0, this.#settleMs - aloneMs);
  }

  /** Forgets all files but these. */
  keepOnly(names: ReadonlySet<string>): void {
    this.#seen = new Map([...this.#seen].filter(([name]) => names.has(name)));
  }
}

const isSame = (one: Look, other: Look): boolean =>
  one.bytes === other.bytes && one.modifiedMs === other.modifiedMs && one.changedMs === other.changedMs;
