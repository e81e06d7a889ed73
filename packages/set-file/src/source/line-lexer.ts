/** The YAML library's lexer, made safe for a text that comes in pieces. */
import { Lexer } from 'yaml';

/**
 * The library's lexer may be fed in parts, but only at the ends of lines does it take a part for what the whole would be: elsewhere
 * it reads the beginning of an indentation as all of it, and half of a doubled quote as a closing one.
 */
export class LineLexer {
  readonly #lexer = new RepeatableLexer();
  /** The beginning of a line that has not ended yet, in the pieces that it came in. */
  #line: string[] = [];
  #held = 0;

  /** Characters of the last line, while it has not ended. */
  get held(): number {
    return this.#held;
  }

  take(piece: string): Iterable<string> {
    const end = piece.lastIndexOf('\n') + 1;
    if (end === 0) {
      this.#hold(piece);
      return [];
    }
    const lines = this.#release() + piece.slice(0, end);
    this.#hold(piece.slice(end));
    return this.#lexer.lex(lines, true);
  }

  end(): Iterable<string> {
    return this.#lexer.lex(this.#release(), false);
  }

  #hold(part: string): void {
    if (part === '') return;
    this.#line.push(part);
    this.#held += part.length;
  }

  #release(): string {
    const line = this.#line.join('');
    this.#line = [];
    this.#held = 0;
    return line;
  }
}

/** What the library declares as private, though a lexer of one's own has to know it. */
interface OpenLexer extends Pick<Lexer, 'lex'> {
  /** The indentation that what follows needs at least. */
  indentNext: number;
  /** @returns what to go on with, or null where the text ends first */
  parseBlockScalar(): Generator<string, string | null>;
}

/**
 * Begins a block text (`|2`) with the same indentation each time that it comes back to it for want of its end. The
 * library's own (2.9.1) adds the number once more each time, and takes fewer lines for the text.
 */
class RepeatableLexer extends (Lexer as unknown as new () => OpenLexer) {
  override *parseBlockScalar(): Generator<string, string | null> {
    const { indentNext } = this;
    const next = yield* super.parseBlockScalar();
    if (next === null) this.indentNext = indentNext;
    return next;
  }
}
