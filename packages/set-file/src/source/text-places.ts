/** Maps a position in a text to its position in the file; YAML may have unfolded, unindented and unquoted the text. */
import type { ScalarNode } from './source-nodes.ts';

/** PyYAML reads U+0085 as a line break. */
const BLANK = /[\s\x85]/;

/**
 * Maps offsets within a text, requested in ascending order, to offsets in the source. YAML only changes white space:
 * all other characters come in the same order in both, so counting them finds the position, in block and folded texts
 * too. The result is undefined for a double-quoted text with escapes, and if `written` is not in memory.
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
      // In single quotes, a quote is written twice.
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

/** Converts lines and columns within a text, from 1, to offsets. */
export function textOffsets(text: string): (line: number, column: number) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return (line, column) => (starts[line - 1] ?? 0) + column - 1;
}
