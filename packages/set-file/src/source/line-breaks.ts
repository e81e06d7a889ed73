/** Line breaks of YAML 1.1, which PyYAML uses: in YAML 1.2 they would be spoken, billed, and part of names. */
import type { CST, Scalar } from 'yaml';

const BREAK = /[\x85\u2028\u2029]/;
const BLANK_OR_BREAK = /[ \t\x85\u2028\u2029]/;
/** The look-behind makes sure that long runs of blanks are scanned only once. */
const WITHIN_LINES = /(?<![ \t])[ \t]*[\x85\u2028\u2029][ \t\x85\u2028\u2029]*/g;
/** In a block, the blanks before a break belong to the text. */
const WITHIN_BLOCK = /[\x85\u2028\u2029][ \x85\u2028\u2029]*/g;

/** A text as PyYAML reads it; the blanks after a break are indentation. In double quotes, PyYAML writes escapes. */
export function withLineBreaks(text: string, type: Scalar['type']): string {
  if (!BREAK.test(text)) return text;
  switch (type) {
    case 'PLAIN':
      return trimmed(text).replace(WITHIN_LINES, folded);
    case 'QUOTE_SINGLE':
      return text.replace(WITHIN_LINES, folded);
    case 'BLOCK_FOLDED':
      return ended(text).replace(WITHIN_BLOCK, folded);
    case 'BLOCK_LITERAL':
      return ended(text).replace(WITHIN_BLOCK, (run) => breaksOf(run).join(''));
    default:
      return text;
  }
}

/** An item or a key after a break, with its indentation. */
const STRUCTURE = /[\x85\u2028\u2029](?<blanks> *)(?=- |[\w-]+:(?:\s|$))/g;

/**
 * Finds what PyYAML reads as the next item or key inside a block text, since it is indented less than the text: an
 * offset into the token's source.
 */
export function swallowedAt({ source, indent, props }: CST.BlockScalar): number | undefined {
  if (!BREAK.test(source)) return undefined;
  const [, written] =
    props.map((prop) => ('source' in prop ? /^[|>][+-]?([1-9])/.exec(prop.source) : null)).find(Boolean) ??
    [];
  const [, first = ''] = /^(?:\s*\n)?( *)/.exec(source) ?? [];
  const indentation = written === undefined ? first.length : indent + Number(written);
  for (const { index, groups } of source.matchAll(STRUCTURE)) {
    if ((groups?.blanks ?? '').length < indentation) return index;
  }
  return undefined;
}

/** U+0085 becomes a newline; the separators U+2028 and U+2029 stay as they are. */
const breaksOf = (run: string): string[] =>
  [...run].flatMap((character) => (character === '\x85' ? ['\n'] : BREAK.test(character) ? [character] : []));

function folded(run: string): string {
  const [first, ...rest] = breaksOf(run);
  if (first !== '\n') return [first, ...rest].join('');
  return rest.length === 0 ? ' ' : rest.join('');
}

function trimmed(text: string): string {
  let from = 0;
  while (BLANK_OR_BREAK.test(text[from] ?? '')) from += 1;
  return text.slice(from, Math.max(from, endOfText(text, text.length)));
}

/** Keeps one of the breaks at the end of a block, or none if its header says so (`|-`). */
function ended(text: string): string {
  const isKept = text.endsWith('\n');
  let first = endOfText(text, isKept ? text.length - 1 : text.length);
  while (text[first] === ' ' || text[first] === '\t') first += 1;
  const end = text[first] ?? '';
  if (!BREAK.test(end)) return text;
  return text.slice(0, first) + (isKept ? end.replace('\x85', '\n') : '');
}

/** The start of the blanks and breaks that reach up to `end`. */
function endOfText(text: string, end: number): number {
  let at = end;
  while (at > 0 && BLANK_OR_BREAK.test(text[at - 1] ?? '')) at -= 1;
  return at;
}
