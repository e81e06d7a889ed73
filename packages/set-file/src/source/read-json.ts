/** Reads a `.json` set file by JSON's grammar, and keeps what JSON.parse drops: positions, duplicates, number texts. */
import { JsonText } from './json-text.ts';
import {
  type Entry,
  MAX_PIECE_CHARACTERS,
  type ScalarNode,
  type SourceNode,
  type SourceSink,
  Unreadable,
} from './source-nodes.ts';

/** Far more than a set file needs; deeper nesting is an accident or an attack. */
const MAX_DEPTH = 20;
/** The maximum number of values in an item or a top-level entry; they take some thirty megabytes of memory. */
const MAX_PIECE_VALUES = 100_000;

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;

/** Hands over the entries and items of a text that comes in pieces; the first syntax fault ends the reading. */
export function readJson(pieces: Iterable<string>, sink: SourceSink): void {
  try {
    new JsonReader(new JsonText(pieces), sink).read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    sink.fault(error.fault);
  }
}

class JsonReader {
  readonly #text: JsonText;
  readonly #sink: SourceSink;
  /** Where the current item or top-level entry begins, and its number of values so far. */
  #piece = 0;
  #values = 0;

  constructor(text: JsonText, sink: SourceSink) {
    this.#text = text;
    this.#sink = sink;
  }

  read(): void {
    this.#text.skipBlank();
    if (this.#text.peek() === undefined) return;
    if (this.#text.peek() !== '{')
      this.#fail('the file is not an object', 'write {"set": {…}, "items": […]}');
    this.#sequence('}', () => {
      this.#beginPiece();
      const key = this.#key();
      const value = key.value === 'items' && this.#text.peek() === '[' ? this.#items() : this.#value(1);
      this.#sink.entry({ key, value });
    });
    this.#text.skipBlank();
    if (this.#text.peek() !== undefined && !this.#sink.full)
      this.#fail('something follows the end of the object', 'remove it');
  }

  /** Hands over each item as soon as it is read, so that none is kept here. */
  #items(): SourceNode {
    const start = this.#text.offset;
    this.#sequence(']', () => {
      this.#beginPiece();
      this.#sink.item(this.#value(2));
    });
    return { kind: 'list', items: [], start, end: this.#text.offset };
  }

  #value(depth: number): SourceNode {
    if (depth > MAX_DEPTH)
      this.#fail(`nested more than ${MAX_DEPTH} deep`, 'a set file needs no such nesting');
    this.#values += 1;
    this.#boundPiece();
    const start = this.#text.offset;
    const first = this.#text.peek();
    if (first === '{') {
      const entries: Entry[] = [];
      this.#sequence('}', () => entries.push({ key: this.#key(), value: this.#value(depth + 1) }));
      return { kind: 'map', entries, start, end: this.#text.offset };
    }
    if (first === '[') {
      const items: SourceNode[] = [];
      this.#sequence(']', () => items.push(this.#value(depth + 1)));
      return { kind: 'list', items, start, end: this.#text.offset };
    }
    return first === '"' ? this.#string() : this.#word();
  }

  /** Reads a key, and skips to its value. */
  #key(): ScalarNode {
    if (this.#text.peek() !== '"')
      this.#fail(
        'a key is expected here',
        'write it in double quotes, without a comma before the closing brace',
      );
    const key = this.#string();
    this.#text.skipBlank();
    if (this.#text.peek() !== ':')
      this.#fail('a colon is missing after the key', 'write ":" between key and value');
    this.#text.skip();
    this.#text.skipBlank();
    return key;
  }

  /** Reads from the opening bracket past the closing one; stops early if the sink is full. */
  #sequence(close: string, onPart: () => void): void {
    this.#text.skip();
    this.#text.skipBlank();
    if (this.#text.peek() === close) {
      this.#text.skip();
      return;
    }
    for (;;) {
      onPart();
      if (this.#sink.full) return;
      this.#text.skipBlank();
      const next = this.#text.peek();
      if (next !== ',' && next !== close)
        this.#fail(`"," or "${close}" is expected here`, `separate by ",", and end with "${close}"`);
      this.#text.skip();
      if (next === close) return;
      this.#text.skipBlank();
    }
  }

  #string(): ScalarNode {
    const start = this.#text.offset;
    this.#text.skip();
    let escaped = false;
    for (let character = this.#text.peek(); character !== '"'; character = this.#text.peek()) {
      if (character === undefined)
        this.#failAt(start, 'the string is not closed', 'end it with a double quote');
      if (character < ' ')
        this.#fail(
          'a string contains a raw line break or control character',
          'write it as \\n, \\t or \\uXXXX',
        );
      if (character !== '\\') this.#text.skip();
      else if (this.#text.match(ESCAPE) === undefined)
        this.#fail('a backslash begins an escape that JSON does not have', 'write a backslash as \\\\');
      else escaped = true;
      this.#boundPiece();
    }
    this.#text.skip();
    const written = this.#text.since(start);
    const value = escaped ? String(JSON.parse(written)) : written.slice(1, -1);
    return { kind: 'scalar', value, start, end: this.#text.offset };
  }

  /** A number keeps its text as written; `null` becomes an empty text. */
  #word(): ScalarNode {
    const start = this.#text.offset;
    const written = this.#text.match(WORD);
    if (written === undefined)
      return this.#fail(
        'a value is expected here',
        'write a text in double quotes, a number, a list or an object; comments and trailing commas are not JSON',
      );
    return { kind: 'scalar', value: written === 'null' ? '' : written, start, end: this.#text.offset };
  }

  #beginPiece(): void {
    this.#piece = this.#text.offset;
    this.#values = 0;
  }

  /** Limits each piece, since it is in memory as a whole. */
  #boundPiece(): void {
    if (this.#values <= MAX_PIECE_VALUES && this.#text.offset - this.#piece <= MAX_PIECE_CHARACTERS) return;
    throw new Unreadable({
      at: this.#piece,
      code: 'piece-too-large',
      message: 'what begins here is too large to be read',
      remedy: 'write phrases under "items", one object for each; close the quotes that are open',
    });
  }

  #fail(message: string, remedy: string): never {
    this.#failAt(this.#text.offset, message, remedy);
  }

  #failAt(at: number, message: string, remedy: string): never {
    throw new Unreadable({ at, code: 'json-syntax', message, remedy });
  }
}
