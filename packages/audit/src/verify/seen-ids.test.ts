import { expect, test } from 'vitest';
import { SeenIds } from './seen-ids.ts';

test('knows every id and where it stood first, over every enlargement', () => {
  const seen = new SeenIds();
  for (let seq = 1; seq <= 20_000; seq++) expect(seen.add(`event/${seq}`, seq)).toBeUndefined();
  expect(seen.add('event/1', 20_001)).toBe(1);
  expect(seen.add('event/20000', 20_001)).toBe(20_000);
  expect(seen.has('event/7')).toBe(true);
  expect(seen.has('event/0')).toBe(false);
});
