/** Turns a set file's bytes into text: UTF-8 with or without a byte order mark, and nothing that only looks like it. */
import type { Problem } from './problems.ts';

/** The largest set file, in bytes. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

const BOM = [0xef, 0xbb, 0xbf];
/** Bytes looked at for the zeros of UTF-16 and UTF-32, which are valid UTF-8 otherwise. */
const SNIFFED_BYTES = 1024;

type TextResult = { ok: true; text: string } | { ok: false; problem: Problem };

/** The file's text without its byte order mark, or the one problem that keeps it from being read. */
export function readText(bytes: Uint8Array): TextResult {
  if (bytes.length > MAX_FILE_BYTES) {
    const size = (bytes.length / 1024 / 1024).toFixed(1);
    const message = `the file has ${size} MB, and a set file may have ${MAX_FILE_BYTES / 1024 / 1024}`;
    return refuse({ line: 1, column: 1 }, 'file-too-large', message, 'split it into several set files');
  }
  const wide = wideEncoding(bytes);
  if (wide !== undefined) {
    const message = `the file is written in ${wide}, not in UTF-8`;
    return refuse({ line: 1, column: 1 }, 'not-utf8', message, 'save it as UTF-8');
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return refuseInvalid(bytes);
  }
}

function refuseInvalid(bytes: Uint8Array): TextResult {
  const offset = firstInvalidByte(bytes);
  const byte = (bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0');
  const message = `the byte 0x${byte} (number ${offset + 1} of the file) is not UTF-8; the file may be in Latin-1 or Windows-1252`;
  return refuse(positionOfByte(bytes, offset), 'not-utf8', message, 'save the file as UTF-8');
}

function refuse(
  at: { line: number; column: number },
  code: string,
  message: string,
  remedy: string,
): TextResult {
  return { ok: false, problem: { ...at, path: '', code, message, remedy } };
}

/** UTF-16 and UTF-32 by their byte order mark, or by the zero bytes that every ASCII character has there. */
function wideEncoding(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'UTF-16 or UTF-32';
  return bytes.subarray(0, SNIFFED_BYTES).includes(0) ? 'UTF-16, UTF-32 or no text at all' : undefined;
}

/** Where well-formed UTF-8 ends ([table 3-7](https://www.unicode.org/versions/latest/core-spec/chapter-3/) of Unicode). */
function firstInvalidByte(bytes: Uint8Array): number {
  let offset = 0;
  while (offset < bytes.length) {
    const length = sequenceLength(bytes, offset);
    if (length === 0) return offset;
    offset += length;
  }
  return offset;
}

/** Bytes of the character at an offset; 0 if there is none. */
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

function positionOfByte(bytes: Uint8Array, offset: number): { line: number; column: number } {
  const marked = BOM.every((byte, index) => bytes[index] === byte);
  let lineStart = marked ? BOM.length : 0;
  let line = 1;
  for (
    let index = bytes.indexOf(0x0a);
    index !== -1 && index < offset;
    index = bytes.indexOf(0x0a, index + 1)
  ) {
    lineStart = index + 1;
    line += 1;
  }
  return { line, column: new TextDecoder().decode(bytes.subarray(lineStart, offset)).length + 1 };
}
