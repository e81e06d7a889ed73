import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { fitTo, padTo } from './fit-columns.ts';

test('pads and truncates by columns, never inside a wide letter', () => {
  expect(padTo('日本', 6)).toBe('日本  ');
  expect(padTo('12', 4, 'right')).toBe('  12');
  expect(fitTo('日本語の本', 6)).toBe('日本…');
  expect(fitTo('short', 5)).toBe('short');
  expect(fitTo('\u001b[31mred\u001b[39m and \u001b[1mbold\u001b[22m', 5)).toBe(
    '\u001b[31mred\u001b[39m …\u001b[1m\u001b[22m',
  );
  expect(padTo('\u001b[31mred\u001b[39m', 5)).toBe('\u001b[31mred\u001b[39m  ');
});

test.each(['❤️ '.repeat(9), 'नी'.repeat(9), '👩‍👩‍👧'.repeat(9), 'e\u0301te\u0301'.repeat(9)])(
  'measures as the terminal lines are wrapped: %s',
  (text) => {
    for (let columns = 1; columns <= 9; columns++) {
      const fitted = fitTo(text, columns);
      expect(stringWidth(fitted)).toBeLessThanOrEqual(columns);
      expect(stringWidth(padTo(fitted, columns))).toBe(columns);
    }
  },
);
