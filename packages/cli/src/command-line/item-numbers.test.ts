import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { itemNumbers } from './item-numbers.ts';

test('numbers, lists and ranges are merged, sorted and without duplicates', () => {
  expect(itemNumbers('7')).toEqual([7]);
  expect(itemNumbers('12, 7,7')).toEqual([7, 12]);
  expect(itemNumbers('9-11', itemNumbers('10,3'))).toEqual([3, 9, 10, 11]);
});

test.each(['', 'x', '1,', '-1', '3-2', '1.5', '1e3'])('%j is not an item number', (text) => {
  expect(() => itemNumbers(text)).toThrow(InvalidArgumentError);
});

test('refuses more numbers than one command can carry, however they are written', () => {
  expect(itemNumbers('1-10000')).toHaveLength(10_000);
  expect(() => itemNumbers('0-10000')).toThrow(/10000 items at most/);
  expect(() => itemNumbers('0-999999999')).toThrow(/at most/);
  expect(() => itemNumbers('20001', itemNumbers('1-10000'))).toThrow(/at most/);
});
