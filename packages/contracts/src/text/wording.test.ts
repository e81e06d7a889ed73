import { expect, test } from 'vitest';
import { countOf, dollars, duration, quote, shellWord } from './wording.ts';

test('a noun is singular or plural as its number requires', () => {
  expect([countOf(0, 'item'), countOf(1, 'item'), countOf(2_233, 'item')]).toEqual([
    '0 items',
    '1 item',
    '2,233 items',
  ]);
  expect(countOf(2, 'entry', 'entries')).toBe('2 entries');
});

test('a quote escapes invisible characters, and shows at most 60 characters without splitting one', () => {
  expect(quote('a\tb "c"')).toBe('"a\\tb \\"c\\""');
  expect(quote('\u00a0a\u200bb\ufeff\u0085\u2028 c\u{e0001}')).toBe(
    '"\\u00a0a\\u200bb\\ufeff\\u0085\\u2028 c\\udb40\\udc01"',
  );
  expect(quote('می\u200cخواهم')).toBe('"می\u200cخواهم"');
  expect(quote('\u200dtext')).toBe('"\\u200dtext"');
  expect(quote('🎧'.repeat(60))).toBe(`"${'🎧'.repeat(60)}"`);
  expect(quote('🎧'.repeat(61))).toBe(`"${'🎧'.repeat(60)}…"`);
  expect(quote('x'.repeat(1_000))).toBe(`"${'x'.repeat(60)}…"`);
});

test.each([
  [0, '0 s'],
  [-5, '0 s'],
  [499, '0.5 s'],
  [1_000, '1 s'],
  [9_970, '10 s'],
  [42_400, '42 s'],
  [59_700, '1 min'],
  [723_000, '12 min 3 s'],
  [3_601_000, '1 h'],
  [7_500_000, '2 h 5 min'],
  [93_780_000, '1 d 2 h'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  ['0', '$0.00'],
  ['18.103472', '$18.10'],
  ['0.004632', '$0.0046'],
  [12_500_000_000_000n, '$12.50'],
  ['0.00000000000012345', '$0.00000000000012345'],
])('%s dollars are written %s', (amount, text) => {
  expect(dollars(amount)).toBe(text);
});

test.each([
  ['a/b.yml', 'a/b.yml'],
  ['my file.yml', "'my file.yml'"],
  ["it's.yml", "'it'\\''s.yml'"],
  ['$(rm x).yml', "'$(rm x).yml'"],
  ['a-b', 'a-b'],
  ['', "''"],
])('%s is passed to a shell as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
