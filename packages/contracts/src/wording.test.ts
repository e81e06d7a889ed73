import { expect, test } from 'vitest';
import { countOf, quote } from './wording.ts';

test('nouns follow their number', () => {
  expect([countOf(0, 'item'), countOf(1, 'item'), countOf(2_233, 'item')]).toEqual([
    '0 items',
    '1 item',
    '2,233 items',
  ]);
  expect(countOf(2, 'entry', 'entries')).toBe('2 entries');
});

test('a quote shows what can’t be seen, and at most 60 characters, whole ones', () => {
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
