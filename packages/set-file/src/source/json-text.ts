/** A text that comes in pieces, read from left to right with look-ahead; text that was read is released. */

/** The initial look-ahead of a pattern, in characters: enough for an escape, or a keyword and what follows it. */
const LOOK_AHEAD = 64;
/** Text that was read is released once it has this many characters. */
const LET_GO_BEYOND = 1_000_000;

export class JsonText {
  readonly #pieces: Iterator<string>;
  #window = '';
  /** Offset of the window's start in the whole text. */
  #base = 0;
  /** Position within the window. */
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

  /** Skips white space, and releases the text before it. */
  skipBlank(): void {
    for (let next = this.peek(); next === ' ' || next === '\n' || next === '\r' || next === '\t'; ) {
      this.#at += 1;
      this.#letGo();
      next = this.peek();
    }
    this.#letGo();
  }

  /** Consumes and returns the match of a sticky pattern; something without an end within a million characters fails. */
  match(pattern: RegExp): string | undefined {
    for (let ahead = LOOK_AHEAD; ahead < LET_GO_BEYOND; ahead *= 2) {
      this.#reach(ahead);
      pattern.lastIndex = this.#at;
      const found = pattern.exec(this.#window)?.[0];
      // A match that ends with the window could continue after it.
      if (!this.#ended && found !== undefined && this.#at + found.length >= this.#window.length) continue;
      this.#at += found?.length ?? 0;
      return found;
    }
    return undefined;
  }

  /** The text from an offset up to here; only valid if no white space was skipped in between. */
  since(offset: number): string {
    return this.#window.slice(offset - this.#base, this.#at);
  }

  /** Releases the text that was read, once it is long enough to be worth it. */
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
