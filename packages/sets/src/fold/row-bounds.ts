/** Bounds the size of rows, so that a page of them can always be stored; the log can hold longer texts. */
import { type ItemRow, MOST_ROW_BYTES } from '@setlist/contracts';

/** The texts in the order in which they are cut, each with the bytes that it keeps in any case. A name is cut last. */
const CUT: readonly (readonly [field: 'message' | 'remedy' | 'code' | 'file', leastBytes: number])[] = [
  ['message', 300],
  ['remedy', 200],
  ['code', 60],
  ['file', 0],
];

const ELLIPSIS = '…';
/** The most bytes of one character in JSON: `\u0000`. */
const MOST_BYTES_OF_CHARACTER = 6;
/** More bytes than all else in a row takes. */
const REST_BYTES = 500;

/** The row, with its texts cut where it would be longer than {@link MOST_ROW_BYTES}; depends on the row alone. */
export function rowWithinBounds(row: ItemRow): ItemRow {
  if (isShort(row)) return row;
  let within = row;
  for (const [field, leastBytes] of CUT) {
    const over = jsonBytes(within) - MOST_ROW_BYTES;
    if (over <= 0) break;
    const text = within[field];
    if (text !== undefined)
      within = { ...within, [field]: cut(text, Math.max(leastBytes, jsonBytes(text) - over)) };
  }
  return within;
}

/** A quick check that nearly all rows pass, so that they are not measured. */
function isShort(row: ItemRow): boolean {
  const characters = CUT.reduce((sum, [field]) => sum + (row[field]?.length ?? 0), 0);
  return characters * MOST_BYTES_OF_CHARACTER + REST_BYTES <= MOST_ROW_BYTES;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The text cut between characters to at most a number of bytes as JSON. */
function cut(text: string, mostBytes: number): string {
  if (jsonBytes(text) <= mostBytes) return text;
  let bytes = jsonBytes(ELLIPSIS);
  let kept = '';
  for (const character of text) {
    bytes += jsonBytes(character) - 2;
    if (bytes > mostBytes) break;
    kept += character;
  }
  return kept + ELLIPSIS;
}
