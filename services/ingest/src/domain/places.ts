/** Where in a set file something stands that the parser gave no column for, so that every refusal can point at it. */

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Finds places in one file's text; lines and columns count from 1. */
export interface Places {
  /** Where the item begins whose first line is given. */
  item(line: number): Place;
  /** Where a key of the `set` section is written first; the file's beginning if it can't be found. */
  header(key: string): Place;
}

export function placesIn(source: string): Places {
  const lines = source.split(/\r\n|\r|\n/);
  return {
    item: (line) => ({ line, column: Math.max(0, (lines[line - 1] ?? '').search(/[^\s-]/)) + 1 }),
    header(key) {
      const written = new RegExp(String.raw`(?<=^\s*|[{,]\s*)["']?${key}["']?\s*:`);
      for (const [index, text] of lines.entries()) {
        const column = text.search(written);
        if (column >= 0) return { line: index + 1, column: column + 1 };
      }
      return { line: 1, column: 1 };
    },
  };
}
