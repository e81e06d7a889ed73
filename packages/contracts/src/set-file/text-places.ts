/** Finds the place in the file of a place in a text, which YAML may have unfolded, unindented and unquoted. */
import type { ScalarNode } from './source-nodes.ts';

const BLANK = /\s/;

/**
 * Maps offsets within a text, asked for in rising order, to offsets in the source. White space is what YAML changes:
 * all other characters come in the same order in both, so that counting them finds the place, in block and folded
 * texts too. Where a double-quoted text has escapes there is no telling, and the result is undefined.
 */
export function textPlaces(source: string, node: ScalarNode): (offset: number) => number | undefined {
  const { value, start, end } = node;
  const first = source[start];
  if (first === '"' && source.slice(start, end).includes('\\')) return () => undefined;
  let at = start;
  if (first === '|' || first === '>') at = source.indexOf('\n', start) + 1;
  else if (first === '"' || first === "'") at = start + 1;
  let inText = 0;
  return (offset) => {
    for (; inText < offset; inText += 1) {
      if (BLANK.test(value[inText] ?? ' ')) continue;
      at = skipBlanks(source, at, end);
      // A quote in single quotes is written twice.
      at += first === "'" && source[at] === "'" ? 2 : 1;
    }
    return BLANK.test(value[offset] ?? ' ') ? at : skipBlanks(source, at, end);
  };
}

function skipBlanks(source: string, from: number, end: number): number {
  let at = from;
  while (at < end && BLANK.test(source[at] ?? '')) at += 1;
  return at;
}

/** Offsets of the places that are given by lines and columns, from 1, within a text. */
export function textOffsets(text: string): (line: number, column: number) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return (line, column) => (starts[line - 1] ?? 0) + column - 1;
}
