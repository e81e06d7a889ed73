/** A set counts as requested in full only once each of its items is, however often one is repeated. */
import type { SetlistEvent } from '@setlist/contracts';
import { expect, it } from 'vitest';
import { UnaskedSets } from './unasked-sets.ts';

const of = (setId: string, name: string, data: object): SetlistEvent =>
  ({ setId, name, data }) as unknown as SetlistEvent;
const accepted = (setId: string, itemCount: number) => of(setId, 'SetAccepted', { itemCount });
const requested = (setId: string, index: number) => of(setId, 'ItemRequested', { index });

function after(...events: (SetlistEvent | undefined)[]): string[] {
  const sets = new UnaskedSets();
  for (const event of events) sets.fold(event);
  expect(sets.isEmpty).toBe(sets.ids().length === 0);
  return sets.ids();
}

it('knows a set from its acceptance to the request of its last item', () => {
  const begun = [accepted('a', 2), accepted('b', 1), requested('a', 1)];
  expect(after(...begun)).toEqual(['a', 'b']);
  expect(after(...begun, requested('a', 0))).toEqual(['b']);
});

it('counts an item once even if it is requested twice', () => {
  expect(after(accepted('a', 2), requested('a', 0), requested('a', 0))).toEqual(['a']);
});

it('knows a set from its retry to the last request that the retry caused, however often one is repeated', () => {
  const retried = { ...of('a', 'SetRetried', { round: 2, items: 2 }), id: 'retry' } as SetlistEvent;
  const again = (index: number) => ({ ...requested('a', index), causationId: 'retry' }) as SetlistEvent;
  expect(after(retried, requested('a', 4), again(7), again(7))).toEqual(['a']);
  expect(after(retried, again(7), again(4))).toEqual([]);
  expect(after(retried, of('a', 'SetCompleted', {}))).toEqual([]);
});

it('forgets a set that has ended, and ignores one that it has not seen accepted', () => {
  expect(after(accepted('a', 2), of('a', 'SetCancelled', {}))).toEqual([]);
  expect(after(requested('a', 0), undefined)).toEqual([]);
});
