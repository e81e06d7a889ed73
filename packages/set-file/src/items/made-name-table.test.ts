/** A small list that forgets no name and confuses none. */
import { expect, it } from 'vitest';
import { hashed, MadeNameTable } from './made-name-table.ts';

it('knows a name that was made by its number and its text', () => {
  const names = new MadeNameTable();
  for (let index = 0; index < 1_000; index++)
    names.add(hashed(`ITEM-${String(index).padStart(6, '0')}-A.MP3`).digest, index);
  expect(names.find(hashed('ITEM-000999-A.MP3'))).toBe(999);
  expect(names.find(hashed('ITEM-000000-A.MP3'))).toBe(0);
  for (const other of ['ITEM-000999-B.MP3', 'ITEM-001000-A.MP3', 'A.MP3', 'ITEM-999999-A.MP3']) {
    expect(names.find(hashed(other))).toBeUndefined();
  }
});
