/** Converts offsets into the lines and columns that editors show. */

export type Position = { readonly line: number; readonly column: number };

export type LineIndex = {
  /** Adds the next part of the text. */
  add(text: string): void;
  /** Line and column, from 1, of an offset; columns count UTF-16 code units, as most editors do. */
  positionOf(offset: number): Position;
};

/** Uses four bytes per line, since a set file can have millions of lines. */
export function lineIndex(): LineIndex {
  let starts = new Uint32Array(1_024);
  let lines = 1;
  let length = 0;
  return {
    add(text) {
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
        if (lines === starts.length) {
          const larger = new Uint32Array(2 * lines);
          larger.set(starts);
          starts = larger;
        }
        starts[lines] = length + at + 1;
        lines += 1;
      }
      length += text.length;
    },
    positionOf(offset) {
      let low = 0;
      let high = lines;
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
  };
}
