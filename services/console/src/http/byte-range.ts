/** Byte ranges: parses which bytes are asked for, and cuts them out of a chunked body. */

/** A part of a body: its first and last byte, both inclusive. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Parses a single byte range (RFC 9110); anything else means the whole body. */
export function rangeOf(header: string | undefined, size: number): 'whole' | 'outside' | ByteRange {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? 'outside' : { from, to };
}

/** Yields these bytes of a body, and doesn't read beyond them. */
export async function* partOf(
  body: AsyncIterable<Uint8Array>,
  { from, to }: ByteRange,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const piece of body) {
    const part = piece.subarray(Math.max(0, from - at), to + 1 - at);
    if (part.length > 0) yield part;
    at += piece.length;
    if (at > to) return;
  }
}
