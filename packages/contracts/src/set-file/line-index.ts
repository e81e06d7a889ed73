/** Turns offsets into the lines and columns that editors show. */

export type Position = { readonly line: number; readonly column: number };

/** Lines and columns, from 1, of offsets in a source; columns count UTF-16 code units, as most editors do. */
export function lineIndex(source: string): (offset: number) => Position {
  const starts = [0];
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
