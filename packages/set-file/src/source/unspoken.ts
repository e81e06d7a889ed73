/** Finds words that YAML drops from a text or a name: after a ` #`, or as an anchor before a text that nothing uses. */
import { quote } from '@setlist/contracts';
import { type Alias, type CST, isScalar, type Node, type Pair } from 'yaml';
import type { SourceSink } from './source-nodes.ts';

const TEXT_KEY = 'text';
/** Without the dropped words, two names can be the same, and the files of one set overwrite another's. */
const NAME_KEYS: ReadonlySet<string> = new Set(['name', 'output-prefix', 'output-file']);

/** What nothing can follow: the end of SSML, or a file's extension. A full stop can be that of `Apt. # 5`. */
const ENDS: ReadonlyMap<string, RegExp> = new Map([
  [TEXT_KEY, /<\/speak\s*>$/],
  ['output-file', /\.\w+$/],
]);

const SET_APART = 'or, if it is a comment, write two blanks before its # and one after it';

/**
 * The comment behind an unquoted value that was probably meant as part of it: `Gate #5`, `then press # to continue`. With
 * a blank after its `#`, it is probably a comment if the key's value ends before it, if it is set apart by more than one
 * blank, or if it is behind the `>` or `|` of a text on the lines below.
 */
export function commentBehind(node: Node | null, key = ''): Comment | undefined {
  const token = isScalar(node) ? node.srcToken : undefined;
  if (token?.type === 'block-scalar') {
    const comment = token.props.find((part): part is CST.SourceToken => part.type === 'comment');
    return comment && commentMeant(comment, true);
  }
  if (token?.type !== 'scalar') return undefined;
  const { source, end: [blanks, comment] = [] } = token;
  if (blanks?.type !== 'space' || comment?.type !== 'comment') return undefined;
  return commentMeant(comment, blanks.source !== ' ' || ENDS.get(key)?.test(source) === true);
}

type Comment = { readonly at: number; readonly text: string };

function commentMeant({ source, offset }: CST.SourceToken, isSetApart: boolean): Comment | undefined {
  const isMeant = (isSetApart ? /^#[^\s#]/ : /^#(?!#)/).test(source);
  return isMeant ? { at: offset, text: source.trim() } : undefined;
}

/** The comment on the line of a key without a value, as in `text: #17 is ready`. */
export function commentInstead({ srcToken }: Pair): string | undefined {
  if (srcToken?.value) return undefined;
  const behind = srcToken?.sep?.find(({ type }) => type === 'comment' || type === 'newline');
  return behind?.type === 'comment' ? behind.source.trim() : undefined;
}

/** The anchor of a value that is nothing else, as in `text: &Co`. */
export function anchorInstead(node: Node): string | undefined {
  const isAlone = isScalar(node) && node.srcToken === undefined && node.anchor !== undefined;
  return isAlone ? `&${node.anchor}` : undefined;
}

/** What a message about an empty value adds, and what its remedy does, if a comment or an anchor is all that there is. */
export function emptiedBy(instead: string | undefined): readonly [cause: string, quoted: string] {
  if (instead === undefined) return ['', ''];
  const [begins = ''] = instead;
  const readAs = begins === '&' ? 'an anchor' : 'a comment';
  return [`: ${quote(instead)} is read as ${readAs}`, `, in quotes if it begins with "${begins}"`];
}

/** Follows the values of one file in order, and notes dropped words that were probably meant as part of them. */
export class UnspokenWords {
  readonly #sink: SourceSink;
  /** Anchors of texts that no alias has used yet, with their offsets. */
  readonly #unused = new Map<string, number>();

  constructor(sink: SourceSink) {
    this.#sink = sink;
  }

  /** A key's value; to be called before any alias for it. */
  value(key: string, node: Node | null): void {
    const anchor = isScalar(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#tell(anchor);
    const isText = key === TEXT_KEY;
    // The comment behind an empty value is reported with it.
    const isKept = isScalar(node) && /\S/.test(String(node.value ?? ''));
    const comment = isKept && (isText || NAME_KEYS.has(key)) ? commentBehind(node, key) : undefined;
    if (comment !== undefined) {
      const { at, text } = comment;
      const message = `${quote(text)} is read as a comment, and is not`;
      if (isText) this.#notSpoken(at, `${message} spoken`, SET_APART);
      else this.#notNamed(at, `${message} part of "${key}"`);
    }
    if (!isText || !isScalar(node) || node.srcToken?.type !== 'scalar') return;
    if (anchor !== undefined) this.#unused.set(anchor, node.range?.[0] ?? 0);
  }

  used({ source }: Alias): void {
    this.#unused.delete(source);
  }

  /** Called at the end of the file. */
  end(): void {
    for (const anchor of [...this.#unused.keys()]) this.#tell(anchor);
  }

  /** Reports an unused anchor, once no later alias can mean it. */
  #tell(anchor: string): void {
    const at = this.#unused.get(anchor);
    if (at === undefined) return;
    this.#unused.delete(anchor);
    const message = `"&${anchor}" before this is read as an anchor, which nothing uses, and is not spoken`;
    this.#notSpoken(at, message);
  }

  #notSpoken(at: number, message: string, otherwise = 'or remove it'): void {
    const remedy = `put the whole text in quotes if it is meant to be spoken, ${otherwise}`;
    this.#sink.notice({ at, code: 'not-spoken', message, remedy });
  }

  #notNamed(at: number, message: string): void {
    const remedy = `put the whole value in quotes if it is meant to be part of it, ${SET_APART}`;
    this.#sink.notice({ at, code: 'commented-out', message, remedy });
  }
}
