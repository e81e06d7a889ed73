/** Reads a `.json` set file by JSON's own grammar, keeping what JSON.parse forgets: places, duplicates, number texts. */
import type { Entry, ScalarNode, SourceNode, SourceSink, SyntaxFault } from './source-nodes.ts';

/** Far more than a set file needs; deeper nesting is an accident or an attack. */
const MAX_DEPTH = 20;

const BLANK = /[ \t\n\r]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;

/** Hands over the top level's entries and items; the first fault of syntax ends the reading. */
export function readJson(source: string, sink: SourceSink): void {
  try {
    new JsonReader(source, sink).read();
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    sink.fault(error.fault);
  }
}

class JsonSyntaxError extends Error {
  readonly fault: SyntaxFault;
  constructor(at: number, message: string, remedy: string) {
    super(message);
    this.fault = { at, code: 'json-syntax', message, remedy };
  }
}

class JsonReader {
  readonly #source: string;
  readonly #sink: SourceSink;
  #at = 0;

  constructor(source: string, sink: SourceSink) {
    this.#source = source;
    this.#sink = sink;
  }

  read(): void {
    this.#skipBlank();
    if (this.#at === this.#source.length) return;
    if (this.#source[this.#at] !== '{') {
      const value = this.#value(0);
      const remedy = 'write {"set": {…}, "items": […]}';
      throw new JsonSyntaxError(value.start, 'the file is not an object', remedy);
    }
    this.#members((key) => {
      const value = key.value === 'items' && this.#source[this.#at] === '[' ? this.#items() : this.#value(1);
      this.#sink.entry({ key, value });
    });
    this.#skipBlank();
    if (this.#at < this.#source.length && !this.#sink.full)
      this.#fail('something follows the end of the object', 'remove it');
  }

  /** Gives each item away as soon as it is read, so that none is kept here. */
  #items(): SourceNode {
    const start = this.#at;
    this.#elements(() => this.#sink.item(this.#value(2)));
    return { kind: 'list', items: [], start, end: this.#at };
  }

  #value(depth: number): SourceNode {
    if (depth > MAX_DEPTH)
      this.#fail(`nested more than ${MAX_DEPTH} deep`, 'a set file needs no such nesting');
    const start = this.#at;
    if (this.#source[start] === '{') {
      const entries: Entry[] = [];
      this.#members((key) => entries.push({ key, value: this.#value(depth + 1) }));
      return { kind: 'map', entries, start, end: this.#at };
    }
    if (this.#source[start] === '[') {
      const items: SourceNode[] = [];
      this.#elements(() => items.push(this.#value(depth + 1)));
      return { kind: 'list', items, start, end: this.#at };
    }
    return this.#source[start] === '"' ? this.#string() : this.#word();
  }

  #members(onValueOf: (key: ScalarNode) => void): void {
    this.#sequence('}', () => {
      if (this.#source[this.#at] !== '"')
        this.#fail(
          'a key is expected here',
          'write it in double quotes, without a comma before the closing brace',
        );
      const key = this.#string();
      this.#skipBlank();
      if (this.#source[this.#at] !== ':')
        this.#fail('a colon is missing after the key', 'write ":" between key and value');
      this.#at += 1;
      this.#skipBlank();
      onValueOf(key);
    });
  }

  #elements(onElement: () => void): void {
    this.#sequence(']', onElement);
  }

  /** From the opening bracket to behind the closing one; stops early when the sink is full. */
  #sequence(close: string, onPart: () => void): void {
    this.#at += 1;
    this.#skipBlank();
    if (this.#source[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      onPart();
      if (this.#sink.full) return;
      this.#skipBlank();
      const next = this.#source[this.#at];
      if (next !== ',' && next !== close)
        this.#fail(`"," or "${close}" is expected here`, `separate by ",", and end with "${close}"`);
      this.#at += 1;
      if (next === close) return;
      this.#skipBlank();
    }
  }

  #string(): ScalarNode {
    const start = this.#at;
    this.#at += 1;
    let escaped = false;
    for (let character = this.#source[this.#at]; character !== '"'; character = this.#source[this.#at]) {
      if (character === undefined)
        this.#failAt(start, 'the string is not closed', 'end it with a double quote');
      if (character < ' ')
        this.#fail('a string holds a raw line break or control character', 'write it as \\n, \\t or \\uXXXX');
      if (character !== '\\') this.#at += 1;
      else if (this.#match(ESCAPE) === undefined)
        this.#fail('a backslash begins nothing that JSON knows', 'write a backslash as \\\\');
      else escaped = true;
    }
    this.#at += 1;
    const written = this.#source.slice(start, this.#at);
    const value = escaped ? String(JSON.parse(written)) : written.slice(1, -1);
    return { kind: 'scalar', value, start, end: this.#at };
  }

  /** A number stays the text it is written with; `null` is nothing. */
  #word(): ScalarNode {
    const start = this.#at;
    const written = this.#match(WORD);
    if (written === undefined)
      return this.#fail(
        'a value is expected here',
        'write a text in double quotes, a number, a list or an object; comments and trailing commas are not JSON',
      );
    return { kind: 'scalar', value: written === 'null' ? '' : written, start, end: this.#at };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const written = pattern.exec(this.#source)?.[0];
    this.#at += written?.length ?? 0;
    return written;
  }

  #skipBlank(): void {
    this.#match(BLANK);
  }

  #fail(message: string, remedy: string): never {
    this.#failAt(this.#at, message, remedy);
  }

  #failAt(at: number, message: string, remedy: string): never {
    throw new JsonSyntaxError(at, message, remedy);
  }
}
