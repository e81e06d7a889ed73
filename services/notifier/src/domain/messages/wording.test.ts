import { describe, expect, test } from 'vitest';
import { dollars, duration, harmless, isNothing, shellWord, shorten } from './wording.ts';

test.each([
  [0, '0 s'],
  [499, '0 s'],
  [1_000, '1 s'],
  [60_000, '1 min'],
  [723_000, '12 min 3 s'],
  [3_600_000, '1 h'],
  [3_601_000, '1 h'],
  [90_000_000, '1 d 1 h'],
  [-5, '0 s'],
])('%i ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  ['0', '$0.00'],
  ['18.103472', '$18.10'],
  ['0.0046', '$0.0046'],
  ['0.00000000000012345', '$0.00000000000012345'],
])('%s dollars are written %s', (amount, text) => {
  expect(dollars(amount)).toBe(text);
});

test.each([
  ['0', true],
  ['0.00', true],
  ['0.000001', false],
  ['10', false],
])('%s is nothing: %s', (amount, nothing) => {
  expect(isNothing(amount)).toBe(nothing);
});

describe('harmless', () => {
  test('leaves words of every language alone', () => {
    const words = 'Ünïcödé שלום ⟨x⟩ 🎧 a\u200db';
    expect(harmless(words)).toBe(words);
  });

  test('breaks no line and turns no direction', () => {
    expect(harmless('a\r\nb\tc\u2028d\u202ee\u2066f\u0000g\u0085')).toBe(
      'a b c\ufffdd\ufffde\ufffdf\ufffdg\ufffd',
    );
  });
});

test('shorten cuts between characters, not within one', () => {
  expect(shorten('🎧🎧🎧', 3)).toBe('🎧🎧🎧');
  expect(shorten('🎧🎧🎧🎧', 3)).toBe('🎧🎧…');
});

test.each([
  ['a/b.yml', 'a/b.yml'],
  ['my file.yml', "'my file.yml'"],
  ["it's.yml", "'it'\\''s.yml'"],
  ['$(rm x).yml', "'$(rm x).yml'"],
  ['-rf', "'-rf'"],
  ['', "''"],
])('%s is passed to a shell as %s', (text, word) => {
  expect(shellWord(text)).toBe(word);
});
