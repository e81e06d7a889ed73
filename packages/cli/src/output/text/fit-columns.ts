/** Fits texts to terminal columns, so that tables line up in every script. */
import stringWidth from 'string-width';

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Pads a text with blanks to a number of columns; a longer text stays as it is. */
export function padTo(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, columns - stringWidth(text)));
  return side === 'left' ? text + blanks : blanks + text;
}

const COLOUR = /(\p{Cc}\[\d+m)/u;

/**
 * Truncates a text to a number of columns, the last of them `…`, and keeps all colour codes, so that each colour ends.
 * `slice-ansi` measures otherwise than `string-width`, so that its result could be too wide.
 */
export function fitTo(text: string, columns: number): string {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const part of text.split(COLOUR)) {
    if (COLOUR.test(part)) kept += part;
    else if (width < columns) {
      for (const { segment } of SEGMENTER.segment(part)) {
        width += stringWidth(segment);
        kept += width < columns ? segment : '…';
        if (width >= columns) break;
      }
    }
  }
  return kept;
}
