/** The text of a set file, decoded piece by piece; only the last few pieces are in memory. */
import type { Problem } from '../problems.ts';
import { lineIndex, type Position } from './line-index.ts';
import { incompleteTail, invalidUtf8 } from './not-text.ts';

/** The bytes of a file, in order and in pieces, which can be read repeatedly. */
export type SetFileContent = {
  /** The file's size. */
  readonly bytes: number;
  /** A piece can be overwritten once the next one is requested. */
  pieces(): Iterable<Uint8Array>;
};

/** The size of the pieces of content that is in memory, in bytes. */
const PIECE_BYTES = 512 * 1024;
/** The number of pieces that are kept, so that a problem within a text can be reported at its own position. */
const REMEMBERED = 8;

/** Makes content of bytes in memory. Only tests use smaller `pieceBytes`. */
export const contentOf = (bytes: Uint8Array, pieceBytes = PIECE_BYTES): SetFileContent => ({
  bytes: bytes.length,
  *pieces() {
    for (let from = 0; from < bytes.length; from += pieceBytes) yield bytes.subarray(from, from + pieceBytes);
  },
});

/** The file has a byte that is not UTF-8. */
export class NotUtf8 extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** One pass through a file, from its beginning to its end. */
export class SourceText {
  readonly #content: SetFileContent;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #lines = lineIndex();
  #remembered: { readonly start: number; readonly text: string }[] = [];
  /** UTF-16 code units handed out so far. */
  #length = 0;
  /** A carriage return at the end of a piece, held until the next piece shows whether a newline follows. */
  #return = '';
  /** The number of bytes before the current piece, and the last of them that are not a whole character yet. */
  #bytes = 0;
  #tail: Uint8Array = new Uint8Array();

  constructor(content: SetFileContent) {
    this.#content = content;
  }

  /**
   * The whole text in order, without its byte order mark. A carriage return without a newline becomes a newline, which
   * changes no offset.
   * @throws NotUtf8
   */
  *pieces(): Generator<string, void, undefined> {
    for (const piece of this.#content.pieces()) {
      yield* this.#taken(this.#decode(piece, true));
      this.#bytes += piece.length;
      this.#tail = incompleteTail(Buffer.concat([this.#tail, piece]));
    }
    yield* this.#taken(this.#decode(new Uint8Array(), false));
    if (this.#return === '') return;
    this.#return = '';
    yield* this.#taken('\n');
  }

  /** Line and column, from 1, of an offset that was already read. */
  readonly positionOf = (offset: number): Position => this.#lines.positionOf(offset);

  /** The text between two offsets, or nothing if it is too far back. */
  slice(start: number, end: number): string | undefined {
    const first = this.#remembered.findLastIndex((piece) => piece.start <= start);
    if (first === -1) return undefined;
    let text = '';
    for (const piece of this.#remembered.slice(first)) {
      if (piece.start >= end) break;
      text += piece.text.slice(Math.max(0, start - piece.start), end - piece.start);
    }
    return text.length === end - start ? text : undefined;
  }

  *#taken(decoded: string): Generator<string, void, undefined> {
    if (decoded === '') return;
    const text = this.#withNewlines(decoded);
    if (text === '') return;
    this.#lines.add(text);
    this.#remembered.push({ start: this.#length, text });
    if (this.#remembered.length > REMEMBERED) this.#remembered.shift();
    this.#length += text.length;
    yield text;
  }

  #withNewlines(decoded: string): string {
    const text = this.#return + decoded;
    this.#return = text.endsWith('\r') ? '\r' : '';
    return text.slice(0, text.length - this.#return.length).replace(/\r(?!\n)/g, '\n');
  }

  #decode(piece: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(piece, { stream });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      const held = Buffer.concat([Buffer.from(this.#return), this.#tail]);
      const rest = Buffer.concat([held, piece]);
      const before = { ...this.positionOf(this.#length), bytes: this.#bytes - held.length };
      throw new NotUtf8(invalidUtf8(rest, before));
    }
  }
}
