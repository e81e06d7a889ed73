/** Rows are bounded where they are made, so that a page of them can always be stored: what the log says may be longer. */
import { type ItemRow, MOST_ROW_BYTES } from '@setlist/contracts';

/** What is cut first comes first, with the bytes that it keeps whatever else is long. A name is cut last. */
const CUT: readonly (readonly [field: 'message' | 'remedy' | 'code' | 'file', leastBytes: number])[] = [
  ['message', 300],
  ['remedy', 200],
  ['code', 60],
  ['file', 0],
];

const ELLIPSIS = '…';
/** A character is at most so many bytes in JSON: `\u0000`. */
const MOST_BYTES_OF_CHARACTER = 6;
/** More than all else in a row takes. */
const REST_BYTES = 500;

/** The row, with its texts cut where it would be longer than {@link MOST_ROW_BYTES}: it follows from the row alone. */
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

/** Nearly all rows are, and are not measured further. */
function isShort(row: ItemRow): boolean {
  const characters = CUT.reduce((sum, [field]) => sum + (row[field]?.length ?? 0), 0);
  return characters * MOST_BYTES_OF_CHARACTER + REST_BYTES <= MOST_ROW_BYTES;
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** At most so many bytes as JSON, cut between characters. */
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
