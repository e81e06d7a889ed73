import { expect, test } from 'vitest';
import { DigestTable } from './digest-table.ts';

test('knows every text and the number that it was first given, over every enlargement', () => {
  const table = new DigestTable();
  for (let number = 1; number <= 20_000; number++)
    expect(table.add(`event/${number}`, number)).toBeUndefined();
  expect(table.size).toBe(20_000);
  expect(table.add('event/1', 20_001)).toBe(1);
  expect(table.add('event/20000', 20_001)).toBe(20_000);
  expect(table.get('event/7')).toBe(7);
  expect(table.get('event/0')).toBeUndefined();
  expect(table.size).toBe(20_000);
});
