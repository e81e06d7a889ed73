/** The copy of the tracker's summaries where some of them can't be fetched. */
import { type SetSummary, setKey } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { SetsMirror } from './sets-mirror.ts';

test('what was fetched is told though others could not be, and those are fetched the next time', async () => {
  const stored = new Map(['a', 'b'].map((setId) => [setKey(setId), { setId, lastSeq: 5 } as SetSummary]));
  const failing = new Set([setKey('b')]);
  const get = async (key: string) => {
    if (failing.has(key)) throw new Error('no answer');
    return { value: stored.get(key) };
  };
  const mirror = new SetsMirror({ sets: { get } } as unknown as Pick<EventLog, 'sets'>);
  for (const setId of ['a', 'b']) mirror.note(setId, 5);
  const first = await mirror.catchUp();
  expect(first.changed.map(({ setId }) => setId)).toEqual(['a']);
  expect(first.failure).toEqual(new Error('no answer'));
  failing.clear();
  const second = await mirror.catchUp();
  expect(second.changed.map(({ setId }) => setId)).toEqual(['b']);
  expect(second.failure).toBeUndefined();
});
