/** Bytes are UTF-8 or refused, with the place where they stop being it. */
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseSetFile } from './parse-set-file.ts';
import { MAX_FILE_BYTES, readText } from './read-text.ts';

const file = 'set: {name: Zoë}\nitems:\n  - text: Æther 😀\n    engine: fast\n';
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

it('a byte order mark changes nothing, not even columns', () => {
  expect(parseSetFile(bytes([0xef, 0xbb, 0xbf], file), { fileName: 'a.yml' })).toEqual(
    parseSetFile(bytes(file), { fileName: 'a.yml' }),
  );
});

describe('refused with place and remedy', () => {
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
    expect(readText(new Uint8Array(MAX_FILE_BYTES + 1))).toMatchObject({
      ok: false,
      problem: { code: 'file-too-large' },
    });
  });
});

it('takes exactly what is UTF-8, and finds where the rest stops being it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.uint8Array({ maxLength: 6 }),
      (text, tail) => {
        const content = bytes(text.replaceAll('\0', '0'), [...tail.map((byte) => byte || 1)]);
        const result = readText(content);
        const back = Buffer.from(content.toString('utf8'));
        expect(result.ok).toBe(back.equals(content));
        if (result.ok) return;
        const offset = Number(/number (\d+)/.exec(result.problem.message)?.[1]) - 1;
        const before = content.subarray(0, offset);
        expect(Buffer.from(before.toString('utf8')).equals(before)).toBe(true);
      },
    ),
    { numRuns: 1_000 },
  );
});
