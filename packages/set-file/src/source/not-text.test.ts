/** Bytes are UTF-8 or refused, with the position of the first byte that is not. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseSetFile } from '../parse-set-file.ts';
import type { Problem } from '../problems.ts';
import { MAX_FILE_BYTES, unreadable } from './not-text.ts';
import { contentOf, NotUtf8, SourceText } from './source-text.ts';

const file = 'set: {name: Zoë}\nitems:\n  - text: Æther 😀\n    engine: fast\n';
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

it('a byte order mark changes nothing, not even columns', () => {
  expect(parseSetFile(bytes([0xef, 0xbb, 0xbf], file), { fileName: 'a.yml' })).toEqual(
    parseSetFile(bytes(file), { fileName: 'a.yml' }),
  );
});

describe('refused with a position and a remedy', () => {
  const refused: Record<string, [Buffer, line: number, column: number, message: string]> = {
    'UTF-16 with a mark': [Buffer.from(`\ufeff${file}`, 'utf16le'), 1, 1, 'UTF-16'],
    'UTF-16 without one': [Buffer.from(file, 'utf16le'), 1, 1, 'UTF-16'],
    'Latin-1': [Buffer.from(file.replace('😀', ''), 'latin1'), 1, 15, '0xEB'],
    'a sequence cut short': [bytes('a: b\né: ', [0xe2, 0x82]), 2, 4, '0xE2'],
    'an overlong form': [bytes('ab\nc', [0xc0, 0xaf]), 2, 2, '0xC0'],
    'half a surrogate pair': [bytes('😀', [0xed, 0xa0, 0x80]), 1, 3, '0xED'],
    'a code point beyond Unicode': [bytes('a', [0xf4, 0x90, 0x80, 0x80]), 1, 2, '0xF4'],
    'a byte order mark and Latin-1': [bytes([0xef, 0xbb, 0xbf], 'ab', [0xe9]), 1, 3, '0xE9'],
  };
  test.each(Object.entries(refused))('%s', (_, [content, line, column, message]) => {
    const result = parseSetFile(content, { fileName: 'a.yml' });
    expect(result).toMatchObject({ ok: false, problemCount: 1 });
    if (result.ok) return;
    expect(result.problems).toMatchObject([
      { code: 'not-utf8', line, column, remedy: expect.stringContaining('UTF-8') },
    ]);
    expect(result.problems[0]?.message).toContain(message);
  });

  it('a file that is too large', () => {
    expect(unreadable(MAX_FILE_BYTES + 1, bytes('a'))).toMatchObject({
      code: 'file-too-large',
      message: 'the file is 96 MB; the limit is 96 MB',
    });
  });
});

it('accepts exactly UTF-8, and finds the first byte that is not', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.uint8Array({ maxLength: 6 }),
      (text, tail) => {
        const content = bytes(text.replaceAll('\0', '0'), [...tail.map((byte) => byte || 1)]);
        const problem = whyNotUtf8(content, 1 + (text.length % 7));
        const { message } = problem ?? {};
        const back = Buffer.from(content.toString('utf8'));
        expect(message === undefined).toBe(back.equals(content));
        if (message === undefined) return;
        const offset = Number(/number (\d+)/.exec(message)?.[1]) - 1;
        const before = content.subarray(0, offset);
        expect(Buffer.from(before.toString('utf8')).equals(before)).toBe(true);
        expect(problem).toEqual(whyNotUtf8(content, 1_000));
      },
    ),
    // A byte order mark at the beginning of the second piece, in the middle of the file, is a character like others.
    { numRuns: 1_000, examples: [['𐀀𐀀𐀀𐀀\ufeff', Uint8Array.of(0x80)]] },
  );
});

describe('read in pieces', () => {
  const content = bytes([0xef, 0xbb, 0xbf], 'a: Æther 😀\r\n  b: "x"\n\n# end');
  const text = 'a: Æther 😀\r\n  b: "x"\n\n# end';

  it('a text is the same, and so are the positions', () => {
    for (const size of [1, 2, 3, 7, 1_000]) {
      const source = new SourceText(contentOf(content, size));
      expect([...source.pieces()].join('')).toBe(text);
      expect(source.positionOf(text.indexOf('b:'))).toEqual({ line: 2, column: 3 });
      expect(source.positionOf(text.indexOf('#'))).toEqual({ line: 4, column: 1 });
    }
  });

  it('a carriage return without a newline ends a line, and one before a newline is kept', () => {
    const mixed = 'a:\r\r\n  b\r\rc\r';
    for (const size of [1, 2, 3, 1_000]) {
      const source = new SourceText(contentOf(bytes(mixed), size));
      expect([...source.pieces()].join('')).toBe('a:\n\r\n  b\n\nc\n');
      expect(source.positionOf(mixed.indexOf('c'))).toEqual({ line: 5, column: 1 });
      const broken = bytes(mixed, [0xff]);
      expect(whyNotUtf8(broken, size)).toMatchObject({ line: 6, column: 1 });
      const inLine = bytes('a:\r\n', [0xff]);
      expect(whyNotUtf8(inLine, size)).toMatchObject({ line: 2, column: 1 });
    }
  });

  it('the last text read can be read again, across pieces', () => {
    const source = new SourceText(contentOf(content, 8));
    expect([...source.pieces()].length).toBeGreaterThan(3);
    const at = text.indexOf('"x"');
    expect(source.slice(at - 4, at + 3)).toBe(text.slice(at - 4, at + 3));
    const long = new SourceText(contentOf(Buffer.from('0123456789'.repeat(20)), 10));
    expect([...long.pieces()]).toHaveLength(20);
    expect(long.slice(0, 5)).toBeUndefined();
    expect(long.slice(195, 200)).toBe('56789');
  });
});

/** The problem of bytes that are read in pieces of a given size. */
function whyNotUtf8(content: Uint8Array, size: number): Problem | undefined {
  try {
    for (const _piece of new SourceText(contentOf(content, size)).pieces());
    return undefined;
  } catch (error) {
    if (error instanceof NotUtf8) return error.problem;
    throw error;
  }
}
