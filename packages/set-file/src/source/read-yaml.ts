/** Reads a YAML set file piece by piece, so that a file of any length takes seconds and little memory. */
import { Composer, type CST, type Document, Parser } from 'yaml';
import { LineLexer } from './line-lexer.ts';
import { MAX_PIECE_CHARACTERS, type SourceSink, Unreadable } from './source-nodes.ts';
import { explainYamlErrors } from './yaml-errors.ts';
import { YamlNodes } from './yaml-nodes.ts';

/** The number of lexemes after which finished entries and items are handed over. */
const LEXEMES_PER_PIECE = 4_096;
/** The maximum number of lexemes of one piece; they take about a hundred megabytes of memory. */
const MAX_LEXEMES_PER_PIECE = 500_000;
/** This many characters count as one more lexeme, so that few but long texts are handed over too. */
const CHARACTERS_PER_LEXEME = 50;
/** Far more than a set file needs; deeper nesting is an accident or an attack. */
const MAX_DEPTH = 20;

/**
 * Every scalar stays text (`no`, `12:30`, `0x10`: YAML's failsafe schema). Duplicate keys are kept for later checks,
 * since the library's own check takes quadratic time.
 */
const COMPOSING = {
  schema: 'failsafe',
  uniqueKeys: false,
  resolveKnownTags: false,
  merge: false,
  keepSourceTokens: true,
} as const;

/**
 * Hands over the top-level entries and the items of a text that comes in pieces. Reports syntax faults, and reads the
 * rest as far as the parser can. Why pieces and not a document: docs/decisions/set-file-parsing.md.
 */
export function readYaml(pieces: Iterable<string>, sink: SourceSink): void {
  const reader = new YamlReader(pieces, sink);
  try {
    reader.read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    sink.fault(error.fault);
  }
}

class YamlReader {
  readonly #pieces: Iterable<string>;
  readonly #sink: SourceSink;
  readonly #nodes: YamlNodes;
  readonly #parser = new Parser();
  #document: CST.Token | undefined;
  /** Lexemes since something was last handed over, and since that was last tried. */
  #sinceHandOver = 0;
  #sinceTry = 0;

  constructor(pieces: Iterable<string>, sink: SourceSink) {
    this.#pieces = pieces;
    this.#sink = sink;
    this.#nodes = new YamlNodes(sink);
  }

  read(): void {
    for (const lexeme of this.#lexemes()) {
      this.#take(this.#parser.next(lexeme));
      if (!this.#goesOn(lexeme.length)) return;
    }
    this.#take(this.#parser.end());
    this.#nodes.end();
  }

  *#lexemes(): Generator<string> {
    const lexer = new LineLexer();
    // Characters that are not lexed yet: the lexer scans them again with each piece.
    let pending = 0;
    for (const piece of this.#pieces) {
      pending += piece.length;
      for (const lexeme of lexer.take(piece)) {
        pending = lexer.held;
        yield lexeme;
      }
      if (pending > MAX_PIECE_CHARACTERS) {
        throw new Unreadable({
          at: this.#parser.offset,
          code: 'piece-too-large',
          message: 'the text or line that begins here is too long to be read',
          remedy:
            'close its quotes if they are open; split a long text into several items, or a long line into several lines',
        });
      }
    }
    yield* lexer.end();
  }

  /** Checks the parser's state after a lexeme of so many characters. Returns whether to continue. */
  #goesOn(characters: number): boolean {
    const { stack, offset } = this.#parser;
    const [document] = stack;
    if (document?.type === 'document' && document !== this.#document) {
      if (this.#document !== undefined) {
        this.#fault(
          document.offset,
          'second-document',
          'a second document begins here',
          'put each set into a file of its own',
        );
        return false;
      }
      this.#document = document;
    }
    if (stack.length > MAX_DEPTH) {
      this.#fault(
        offset,
        'too-deep',
        `nested more than ${MAX_DEPTH} deep`,
        'a set file needs no such nesting; quote the text if it is one',
      );
      return false;
    }
    const lexemes = 1 + characters / CHARACTERS_PER_LEXEME;
    this.#sinceHandOver += lexemes;
    this.#sinceTry += lexemes;
    if (this.#sinceTry >= LEXEMES_PER_PIECE) {
      this.#sinceTry = 0;
      if (this.#handOver()) this.#sinceHandOver = 0;
    }
    if (this.#sinceHandOver > MAX_LEXEMES_PER_PIECE) {
      this.#fault(
        offset,
        'piece-too-large',
        'too much to be read in one piece',
        'write items as a list with one "- " for each, or name the file .json if it is JSON',
      );
      return false;
    }
    return !this.#sink.full;
  }

  /**
   * Takes the finished parts out of the tree that the parser is building: all but the last two items of `items`, and
   * all but the last two top-level entries, since the parser still looks at those. Within `items`, the parser looks at
   * no earlier entry, so all of them are taken: thus `set` and `defaults`, if written first, precede the first item.
   */
  #handOver(): boolean {
    const [, root, list] = this.#parser.stack;
    if (root?.type !== 'block-map') return false;
    const within = list?.type === 'block-seq' && isItemsKey(root.items.at(-1)?.key) ? list : undefined;
    const entries = detach(root, within ? 1 : 2);
    if (entries.items.length > 0) this.#composeEntries(entries);
    if (within === undefined) return entries.items.length > 0;
    const items = detach(within, 2);
    if (items.items.length > 0) this.#composeItems(items);
    return entries.items.length + items.items.length > 0;
  }

  #take(tokens: Iterable<CST.Token>): void {
    for (const token of tokens) {
      if (token.type === 'document') this.#report(token);
      else if (token.type === 'error')
        this.#fault(
          token.offset,
          'yaml-syntax',
          `${quoteLexeme(token.source)} is not expected here`,
          'check the indentation and the quotes of this line and the one before it',
        );
    }
  }

  #report(token: CST.Document): void {
    const root = this.#contents(token);
    if (root === undefined) return;
    if (root.kind === 'map') for (const entry of root.entries) this.#sink.entry(entry);
    else if (root.kind === 'list' || root.value !== '') {
      this.#fault(
        root.start,
        'not-a-map',
        'the file does not consist of keys and values',
        'begin it with "set:"',
      );
    }
  }

  #composeEntries(map: CST.BlockMap): void {
    const piece = this.#contents(wrap(map));
    if (piece?.kind === 'map') for (const entry of piece.entries) this.#sink.entry(entry);
  }

  #composeItems(list: CST.BlockSequence): void {
    const piece = this.#contents(wrap(list));
    if (piece?.kind === 'list') for (const item of piece.items) this.#sink.item(item);
  }

  #contents(token: CST.Document): ReturnType<YamlNodes['convert']> | undefined {
    let document: Document.Parsed | undefined;
    for (const composed of new Composer(COMPOSING).compose([token])) document = composed;
    if (document === undefined) return undefined;
    for (const fault of explainYamlErrors(document, token)) this.#sink.fault(fault);
    return this.#nodes.convert(document.contents);
  }

  #fault(at: number, code: string, message: string, remedy: string): void {
    this.#sink.fault({ at, code, message, remedy });
  }
}

/** Takes all but the last `left` parts out. The rest then begins at its first part, from which keys are measured. */
function detach<T extends CST.BlockMap | CST.BlockSequence>(whole: T, left: number): T {
  const finished: T = { ...whole, items: whole.items.splice(0, Math.max(0, whole.items.length - left)) };
  const [next] = whole.items;
  whole.offset = next?.start[0]?.offset ?? next?.key?.offset ?? whole.offset;
  return finished;
}

function wrap(value: CST.BlockMap | CST.BlockSequence): CST.Document {
  return { type: 'document', offset: value.offset, start: [], value };
}

function isItemsKey(key: CST.Token | null | undefined): boolean {
  return key !== null && key !== undefined && 'source' in key && /^(["']?)items\1$/.test(key.source);
}

/** A marker of the lexer, not a character of the file. */
const FLOW_END = '\u{18}';

function quoteLexeme(source: string): string {
  if (source === FLOW_END) return 'the end of what is in brackets';
  return source.trim() === '' ? 'white space' : JSON.stringify(source.slice(0, 20));
}
