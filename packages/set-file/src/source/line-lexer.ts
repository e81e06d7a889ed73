/** The YAML library's lexer, made safe for a text that comes in pieces. */
import { Lexer } from 'yaml';

/**
 * Feeds the library's lexer whole lines only. It accepts parts, but if one ends within a line, it reads the beginning
 * of an indentation as all of it, and half of a doubled quote as a closing one.
 */
export class LineLexer {
  readonly #lexer = new RepeatableLexer();
  /** The start of a line that has not ended yet, in the pieces in which it came. */
  #line: string[] = [];
  #held = 0;

  /** The number of characters of the unfinished last line. */
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

/** Members that the library declares private but a subclass needs. */
interface OpenLexer extends Pick<Lexer, 'lex'> {
  /** The minimum indentation of what follows. */
  indentNext: number;
  /** @returns the next state, or null if the text ends first */
  parseBlockScalar(): Generator<string, string | null>;
}

/**
 * Uses the same indentation each time it starts over with a block text (`|2`) whose end is still missing. The library's
 * own lexer (2.9.1) adds the number again each time, and so takes too few lines for the text.
 */
class RepeatableLexer extends (Lexer as unknown as new () => OpenLexer) {
  override *parseBlockScalar(): Generator<string, string | null> {
    const { indentNext } = this;
    const next = yield* super.parseBlockScalar();
    if (next === null) this.indentNext = indentNext;
    return next;
  }
}
