/** Texts of items whose requests come in any order, and for how long they are kept. */
import { expect, test } from 'vitest';
import { ItemTexts } from './item-texts.ts';

/** A log of requests that grows. */
function growingLog() {
  const indexes: number[] = [];
  return {
    indexes,
    async *read({ from = 1 }) {
      for (let seq = from; seq <= indexes.length; seq++) {
        const index = indexes[seq - 1];
        const sound = { text: `Line ${index}.`, voice: 'Joanna', format: 'mp3' };
        yield { seq, event: { name: 'ItemRequested', data: { index, sound, billedCharacters: 7 } } };
      }
    },
  };
}

test('an item whose request is published again, after those of later items, has its text too', async () => {
  const log = growingLog();
  const texts = new ItemTexts(log as never);
  log.indexes.push(1, 2);
  expect((await texts.of('a', 2)).map((said) => said?.text)).toEqual([undefined, 'Line 1.', 'Line 2.']);
  log.indexes.push(0);
  expect((await texts.of('a', 0))[0]?.text).toBe('Line 0.');
});

/** Sets of one item each, with this much text; it says which sets it was asked to read. */
function logOf(chars: Record<string, number>) {
  const read: string[] = [];
  return {
    read: async function* ({ subjects: [subject = ''] }: { subjects: string[] }) {
      const setId = subject.split('.')[2] ?? '';
      read.push(setId);
      const sound = { text: 'a'.repeat(chars[setId] ?? 0), voice: 'Joanna', format: 'mp3' };
      yield { seq: 1, event: { name: 'ItemRequested', data: { index: 0, sound, billedCharacters: 7 } } };
    },
    /** The sets that have been read since the last call. */
    readSince: () => read.splice(0),
  };
}

const MINUTE_MS = 60_000;

test('texts of a large set are read once while it is viewed, whatever else is viewed', async () => {
  let now = 0;
  const log = logOf({ large: 200_000_000, small: 10, other: 90_000_000 });
  const texts = new ItemTexts(log as never, () => now);
  for (const setId of ['large', 'small', 'large', 'other', 'large']) {
    now += MINUTE_MS / 2;
    await texts.of(setId, 0);
  }
  expect(log.readSince()).toEqual(['large', 'small', 'other']);
});

test('texts of a large set that nobody views any more are forgotten; those of small ones stay', async () => {
  let now = 0;
  const log = logOf({ small: 10, large: 70_000_000, another: 10 });
  const texts = new ItemTexts(log as never, () => now);
  for (const setId of ['large', 'small']) await texts.of(setId, 0);
  now += MINUTE_MS + 1;
  for (const setId of ['another', 'small', 'large']) await texts.of(setId, 0);
  expect(log.readSince()).toEqual(['large', 'small', 'another', 'large']);
});

test('of more large sets than fit, those that were viewed last are kept', async () => {
  const log = logOf({ a: 140_000_000, b: 140_000_000, c: 140_000_000 });
  const texts = new ItemTexts(log as never, () => 0);
  for (const setId of ['a', 'b', 'c', 'b', 'a']) await texts.of(setId, 0);
  expect(log.readSince()).toEqual(['a', 'b', 'c', 'a']);
});
