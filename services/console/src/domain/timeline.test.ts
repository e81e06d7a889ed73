/** A set's history in pieces. */
import { expect, test } from 'vitest';
import { type ToldRecord, timelineJson, timelineSchema } from './timeline.ts';

const FROM = 1_700_000_000_000;
const ITEMS = 20_000;

/** Accepted, each item requested and paid, then paused; the broker's clock advances by 1 ms per event. */
async function* history(): AsyncGenerator<ToldRecord> {
  let seq = 0;
  const said = (name: string, data: object) =>
    ({ seq: ++seq, time: new Date(FROM + seq - 1), event: { name, data } }) as unknown as ToldRecord;
  yield said('SetAccepted', {});
  for (let index = 0; index < ITEMS; index++) yield said('ItemRequested', { index });
  yield { seq: ++seq, time: new Date(FROM) };
  for (let index = 0; index < ITEMS; index++) yield said('ItemCompleted', { index, how: 'paid' });
  yield said('SetPaused', { who: 'jane' });
}

async function piecesOf(records: AsyncGenerator<ToldRecord>): Promise<string[]> {
  let turns = 0;
  const takeTurn = async () => {
    expect(turns++).toBe(0);
    return { [Symbol.dispose]: () => void turns-- };
  };
  const pieces: string[] = [];
  for await (const piece of timelineJson('a', records, takeTurn)) {
    expect(turns).toBe(0);
    pieces.push(piece);
  }
  return pieces;
}

test('a long history comes in pieces, each made in its own turn, that form one document', async () => {
  const pieces = await piecesOf(history());
  expect(pieces.length).toBeGreaterThan(1);
  const { setId, from, items, life } = timelineSchema.parse(JSON.parse(pieces.join('')));
  expect([setId, from, items.length]).toEqual(['a', FROM, 2 * ITEMS]);
  expect([items[0], items.at(-1)]).toEqual([
    [2, 1, 'r', 0],
    [2 * ITEMS + 2, 2 * ITEMS + 1, 'p', ITEMS - 1],
  ]);
  expect(life).toEqual([
    { seq: 1, ms: 0, event: 'SetAccepted' },
    { seq: 2 * ITEMS + 3, ms: 2 * ITEMS + 2, event: 'SetPaused', who: 'jane' },
  ]);
});

test('a set without a history has an empty one', async () => {
  const nothing = (async function* (): AsyncGenerator<ToldRecord> {})();
  expect(JSON.parse((await piecesOf(nothing)).join(''))).toEqual({
    setId: 'a',
    from: 0,
    items: [],
    life: [],
  });
});
