import { describe, expect, test } from 'vitest';
import { clip, harmless, isNothing } from './wording.ts';

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

  test('removes line breaks and changes of text direction', () => {
    expect(harmless('a\r\nb\tc\u2028d\u202ee\u2066f\u0000g\u0085')).toBe(
      'a b c\ufffdd\ufffde\ufffdf\ufffdg\ufffd',
    );
  });
});

test('clip cuts between characters, not within one', () => {
  expect(clip('🎧🎧🎧', 6)).toBe('🎧🎧🎧');
  expect(clip('🎧🎧🎧🎧', 6)).toBe('🎧🎧…');
});
