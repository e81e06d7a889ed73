/** Finds the place in the file of a place in a text, which YAML may have unfolded, unindented and unquoted. */
import type { ScalarNode } from './source-nodes.ts';

/** PyYAML takes U+0085 for a line break. */
const BLANK = /[\s\x85]/;

/**
 * Maps offsets within a text, asked for in rising order, to offsets in the source. White space is what YAML changes:
 * all other characters come in the same order in both, so that counting them finds the place, in block and folded
 * texts too. Where a double-quoted text has escapes there is no telling, nor where what was `written` is not at hand any
 * more, and the result is undefined.
 */
export function textPlaces(
  { value, start }: ScalarNode,
  written: string | undefined,
): (offset: number) => number | undefined {
  const first = written?.[0];
  if (written === undefined || (first === '"' && written.includes('\\'))) return () => undefined;
  let at = 0;
  if (first === '|' || first === '>') at = written.indexOf('\n') + 1;
  else if (first === '"' || first === "'") at = 1;
  let inText = 0;
  return (offset) => {
    for (; inText < offset; inText += 1) {
      if (BLANK.test(value[inText] ?? ' ')) continue;
      at = skipBlanks(written, at);
      // A quote in single quotes is written twice.
      at += first === "'" && written[at] === "'" ? 2 : 1;
    }
    return start + (BLANK.test(value[offset] ?? ' ') ? at : skipBlanks(written, at));
  };
}

function skipBlanks(written: string, from: number): number {
  let at = from;
  while (at < written.length && BLANK.test(written[at] ?? '')) at += 1;
  return at;
}

/** Offsets of the places that are given by lines and columns, from 1, within a text. */
export function textOffsets(text: string): (line: number, column: number) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return (line, column) => (starts[line - 1] ?? 0) + column - 1;
}
