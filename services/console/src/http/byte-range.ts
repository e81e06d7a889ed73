/** Parts of what is sent: which bytes are asked for, and they alone, however a body comes in pieces. */

/** A part of a body, by its first and its last byte. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** A single range of bytes (RFC 9110); anything else is answered with the whole. */
export function rangeOf(header: string | undefined, size: number): 'whole' | 'outside' | ByteRange {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return from > to ? 'outside' : { from, to };
}

/** These bytes of a body in pieces; what comes after them is not read. */
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
