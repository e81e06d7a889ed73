/** The order of the page's list of sets. */
import { expect, test } from 'vitest';
import type { SetSummary } from '../../page/src/api/types.ts';
import { withSets } from '../../page/src/state/with-sets.ts';

test('the list is newest first, and ordered as on the server where sets are equally old, whatever is added and changes', () => {
  let known: ReadonlyMap<string, SetSummary> = new Map();
  const after = (setId: string, day: number, lastSeq: number): string[] => {
    const acceptedAt = `2026-01-0${day}T00:00:00.000Z`;
    known = withSets(known, [{ setId, acceptedAt, lastSeq } as SetSummary]);
    return [...known.values()].map((set) => `${set.setId}${set.lastSeq}`);
  };
  expect(after('b', 2, 1)).toEqual(['b1']);
  expect(after('a', 1, 2)).toEqual(['b1', 'a2']);
  expect(after('c', 3, 3)).toEqual(['c3', 'b1', 'a2']);
  expect(after('a', 1, 4)).toEqual(['c3', 'b1', 'a4']);
  expect(after('d', 2, 5)).toEqual(['c3', 'd5', 'b1', 'a4']);
});
