/** Explains why a set file's bytes are not text: only UTF-8 is, with or without a byte order mark. */
import type { Problem } from '../problems.ts';
import type { Position } from './line-index.ts';

/** The maximum size of a set file, in bytes: about a million items of a hundred bytes each. */
export const MAX_FILE_BYTES = 96 * 1024 * 1024;

/** How many bytes are searched for the zeros of UTF-16 and UTF-32, which can otherwise be valid UTF-8. */
const SNIFFED_BYTES = 1024;

/**
 * The problem that makes a file unreadable as text, as far as it shows without decoding.
 * @param beginning the file's first bytes, at least 1,024 if it has that many
 */
export function unreadable(size: number, beginning: Uint8Array): Problem | undefined {
  if (size > MAX_FILE_BYTES) return tooLarge(size);
  const wide = wideEncoding(beginning);
  if (wide === undefined) return undefined;
  const message = `the file is written in ${wide}, not in UTF-8`;
  return { line: 1, column: 1, path: '', code: 'not-utf8', message, remedy: 'save it as UTF-8' };
}

/** The problem of a file that is too large for a set file. */
export function tooLarge(bytes: number): Problem {
  const megabytes = (size: number): string => (size / 1024 / 1024).toFixed(1).replace('.0', '');
  const message = `the file is ${megabytes(bytes)} MB; the limit is ${megabytes(MAX_FILE_BYTES)} MB`;
  const remedy = 'split it into several set files';
  return { line: 1, column: 1, path: '', code: 'file-too-large', message, remedy };
}

/**
 * Where and why bytes stop being UTF-8.
 * @param before where the bytes begin: line and column of their first character, and the number of bytes before it
 */
export function invalidUtf8(bytes: Uint8Array, before: Position & { readonly bytes: number }): Problem {
  const offset = firstInvalidByte(bytes);
  const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  const number = before.bytes + offset + 1;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: before.bytes > 0 });
  return {
    ...positionAfter(before, decoder.decode(bytes.subarray(0, offset))),
    path: '',
    code: 'not-utf8',
    message: `the byte 0x${byte} (number ${number} of the file) is not UTF-8; the file may be in Latin-1 or Windows-1252`,
    remedy: 'save the file as UTF-8',
  };
}

/** The last bytes, if they are the start of a character whose end is still to come. */
export function incompleteTail(bytes: Uint8Array): Uint8Array {
  for (let length = 1; length <= Math.min(3, bytes.length); length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > length ? bytes.slice(-length) : new Uint8Array();
    }
    if (byte < 0x80) break;
  }
  return new Uint8Array();
}

function positionAfter({ line, column }: Position, text: string): Position {
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.at(-1)?.length ?? 0;
  return lines.length === 1
    ? { line, column: column + last }
    : { line: line + lines.length - 1, column: last + 1 };
}

/** Detects UTF-16 and UTF-32 by the byte order mark, or by the zero bytes of their ASCII characters. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16 or UTF-32';
  return bytes.subarray(0, SNIFFED_BYTES).includes(0) ? 'UTF-16, UTF-32 or not text at all' : undefined;
}

/** The end of well-formed UTF-8 ([table 3-7](https://www.unicode.org/versions/latest/core-spec/chapter-3/) of Unicode). */
function firstInvalidByte(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes, offset);
    if (length === 0) return offset;
    offset += length;
  }
  return offset;
}

/** The length in bytes of the character at an offset; 0 if there is no valid one. */
function sequenceLength(bytes: Uint8Array, offset: number): number {
  const lead = bytes[offset] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = bytes[offset + 1] ?? 0;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  const rest = bytes.subarray(offset + 2, offset + length);
  return rest.length === length - 2 && rest.every((byte) => byte >= 0x80 && byte <= 0xbf) ? length : 0;
}
