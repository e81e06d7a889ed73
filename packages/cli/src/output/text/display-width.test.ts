import { expect, test } from 'vitest';
import { displayWidth, fitTo, padTo } from './display-width.ts';

test.each([
  ['plain', 5],
  ['日本語', 6],
  ['ｆｕｌｌ', 8],
  ['한국어', 6],
  ['e\u0301te\u0301', 3],
  ['👩‍👩‍👧', 2],
  ['\u001b[31mred\u001b[39m', 3],
  ['a\u200bb', 2],
  ['', 0],
])('%j takes %i columns', (text, columns) => {
  expect(displayWidth(text)).toBe(columns);
});

test('pads and truncates by columns, never inside a wide letter', () => {
  expect(padTo('日本', 6)).toBe('日本  ');
  expect(padTo('12', 4, 'right')).toBe('  12');
  expect(fitTo('日本語の本', 6)).toBe('日本…');
  expect(fitTo('short', 5)).toBe('short');
});
