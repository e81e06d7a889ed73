/** A small table that forgets no name and confuses none. */
import { expect, it } from 'vitest';
import { MadeNames, NameIndex } from './name-index.ts';

it('knows 100,000 similar names, and no other', () => {
  const names = new NameIndex();
  const name = (index: number) => `ITEM-${String(index).padStart(6, '0')}-CALL-ME-ISHMAEL.MP3`;
  for (let index = 0; index < 100_000; index++) names.take(name(index), index);
  let wrong = 0;
  for (let index = 0; index < 100_000; index++) {
    if (names.find(name(index)) !== index) wrong++;
    if (names.find(`${name(index)}X`) !== undefined) wrong++;
  }
  expect(wrong).toBe(0);
});

it('leaves a name to who had it first', () => {
  const names = new NameIndex();
  names.take('A.MP3', 4);
  names.take('A.MP3', 8);
  expect(names.find('A.MP3')).toBe(4);
  expect(names.find('B.MP3')).toBeUndefined();
});

it('knows a name that was made by its number and its text', () => {
  const names = new MadeNames();
  for (let index = 0; index < 1_000; index++)
    names.add(`ITEM-${String(index).padStart(6, '0')}-A.MP3`, index);
  expect(names.find('ITEM-000999-A.MP3')).toBe(999);
  expect(names.find('ITEM-000000-A.MP3')).toBe(0);
  for (const other of ['ITEM-000999-B.MP3', 'ITEM-001000-A.MP3', 'A.MP3', 'ITEM-999999-A.MP3']) {
    expect(names.find(other)).toBeUndefined();
  }
});
