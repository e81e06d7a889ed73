import { expect, test } from 'vitest';
import { dollars, duration, percent, rate } from './figures.ts';

test.each([
  [0.84, '0.8 s'],
  [3, '3 s'],
  [42.4, '42 s'],
  [59.7, '1 min 0 s'],
  [200, '3 min 20 s'],
  [7_500, '2 h 5 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test('100 % is said only when all of it is done', () => {
  expect(percent(2_232, 2_233)).toBe('99 %');
  expect(percent(2_233, 2_233)).toBe('100 %');
  expect(percent(0, 0)).toBe('100 %');
});

test('small sums and rates show their first digits', () => {
  expect(dollars('0.004632')).toBe('$0.0046');
  expect(dollars(12_500_000_000_000n)).toBe('$12.50');
  expect([rate(4.12), rate(92.4)]).toEqual(['4.1/s', '92/s']);
});
