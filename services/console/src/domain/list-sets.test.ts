/** Pages of a list to which sets are added meanwhile. */
import { newestFirst, type SetSummary } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { cursor } from './cursor.ts';
import { listSets } from './list-sets.ts';

const setOf = (setId: string, acceptedAt: string): SetSummary =>
  ({ setId, acceptedAt, state: 'running', set: { name: `Set ${setId}` } }) as SetSummary;

test('pages give every set once, newest first, even those accepted at one instant, while another arrives', () => {
  const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z'];
  let all = ['a', 'b', 'c', 'd', 'e'].map((id) => setOf(id, id < 'c' ? early : late)).sort(newestFirst);
  const listed: string[] = [];
  for (let after: string | undefined, pages = 0; pages < 3; pages++) {
    const { sets, total, next } = listSets(all, { limit: 2, after });
    listed.push(...sets.map(({ setId }) => setId));
    expect([total, next === undefined]).toEqual([all.length, pages === 2]);
    after = next && cursor.parse(next);
    all = [setOf(`new-${pages}`, '2026-01-02T00:00:00.000Z'), ...all];
  }
  expect(listed).toEqual(['e', 'd', 'c', 'b', 'a']);
});

test('a list has the sets whose name or id contains the text, and is empty behind the last of them', () => {
  const all = [setOf('one', '2026-01-02T00:00:00.000Z'), setOf('two', '2026-01-01T00:00:00.000Z')];
  const idsOf = (query: { text?: string; after?: string }) =>
    listSets(all, { limit: 9, ...query }).sets.map(({ setId }) => setId);
  expect([idsOf({ text: 'SET T' }), idsOf({ text: 'one' })]).toEqual([['two'], ['one']]);
  expect(idsOf({ after: '2026-01-01T00:00:00.000Z two' })).toEqual([]);
});
