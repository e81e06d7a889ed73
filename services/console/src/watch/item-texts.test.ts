/** Texts of items whose requests come in any order. */
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
