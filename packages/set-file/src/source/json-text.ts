/** A text that comes in pieces, read from left to right with a look ahead: what lies behind is let go. */

/** How far a pattern may have to look ahead: an escape, a keyword and what follows it. */
const LOOK_AHEAD = 64;
/** What was read is cut off when it is so long. */
const LET_GO_BEYOND = 1_000_000;

export class JsonText {
  readonly #pieces: Iterator<string>;
  #window = '';
  /** Offset of the window's beginning in the whole text. */
  #base = 0;
  /** Place within the window. */
  #at = 0;
  #ended = false;

  constructor(pieces: Iterable<string>) {
    this.#pieces = pieces[Symbol.iterator]();
  }

  /** Offset of the next character in the whole text. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** The next character; undefined at the end. */
  peek(): string | undefined {
    if (this.#at === this.#window.length) this.#reach(1);
    return this.#window[this.#at];
  }

  skip(): void {
    this.#at += 1;
  }

  /** Skips white space, and lets go of what was read before it. */
  skipBlank(): void {
    for (let next = this.peek(); next === ' ' || next === '\n' || next === '\r' || next === '\t'; ) {
      this.#at += 1;
      this.#letGo();
      next = this.peek();
    }
    this.#letGo();
  }

  /** Takes what a sticky pattern matches here; what has no end within a million characters is no match. */
  match(pattern: RegExp): string | undefined {
    for (let ahead = LOOK_AHEAD; ahead < LET_GO_BEYOND; ahead *= 2) {
      this.#reach(ahead);
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#window)?.[0];
      // A match that ends with the window might go on behind it.
      if (!this.#ended && found !== undefined && this.#at + found.length >= this.#window.length) continue;
      this.#at += found?.length ?? 0;
      return found;
    }
    return undefined;
  }

  /** What stands between an offset and here, with no white space skipped in between. */
  since(offset: number): string {
    return this.#window.slice(offset - this.#base, this.#at);
  }

  /** Once it is long enough to be worth it. */
  #letGo(): void {
    if (this.#at < LET_GO_BEYOND) return;
    this.#window = this.#window.slice(this.#at);
    this.#base += this.#at;
    this.#at = 0;
  }

  #reach(characters: number): void {
    while (!this.#ended && this.#at + characters > this.#window.length) {
      const { done, value } = this.#pieces.next();
      if (done) this.#ended = true;
      else this.#window += value;
    }
  }
}
