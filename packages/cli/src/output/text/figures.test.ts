import { expect, test } from 'vitest';
import { percent, rate } from './figures.ts';

test('shows 100 % only when everything is done', () => {
  expect(percent(2_232, 2_233)).toBe('99 %');
  expect(percent(2_233, 2_233)).toBe('100 %');
  expect(percent(0, 0)).toBe('100 %');
});

test('small rates show one decimal', () => {
  expect([rate(4.12), rate(92.4)]).toEqual(['4.1/s', '92/s']);
});
