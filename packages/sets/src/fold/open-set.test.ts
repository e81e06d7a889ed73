import { type EventData, newEvent, type SetlistEvent } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { evolveOpenSet, type OpenSet } from './open-set.ts';

const setId = 'a-set';
const NOON = new Date('2026-11-22T12:00:00.000Z');
const hours = (count: number): Date => new Date(NOON.getTime() + count * 3_600_000);
const set = { name: 'a', location: '/out', notify: [] };

function accepted(terms: Partial<EventData<'SetAccepted'>>): SetlistEvent {
  const data: EventData<'SetAccepted'> = {
    run: 'r',
    set,
    source: { uri: 'test', bytes: 1, sha256: '0'.repeat(64), keptAs: 'x' },
    prefix: 'a',
    output: 'file:///out',
    provider: 'local',
    itemCount: 1,
    lanes: [{ lane: 'neural', items: 1, billedCharacters: 1 }],
    billedCharacters: 1,
    estimatedUsd: '0',
    usdPerMillion: {},
    priority: 'normal',
    compat: false,
    warnings: 0,
    ...terms,
  };
  return newEvent('SetAccepted', data, { source: 'ingest', now: NOON, setId });
}
const retried = newEvent(
  'SetRetried',
  { set, who: 'jane', afterSeq: 9, round: 2, items: 1 },
  { source: 'tracker', now: NOON, setId },
);

const after = (...history: [SetlistEvent, Date][]): OpenSet | undefined =>
  history.reduce<OpenSet | undefined>(
    (state, [event, time], index) => evolveOpenSet(state, { seq: index + 5, time, event }),
    undefined,
  );

test('a set has the terms on which its items are recorded', () => {
  const deadline = hours(1).toISOString();
  expect(after([accepted({ deadline, paths: 'both', fresh: true }), NOON])).toMatchObject({
    deadline: hours(1).getTime(),
    bothPaths: true,
    freshSince: 5,
  });
  const plain = after([accepted({}), NOON]);
  expect(plain).toMatchObject({ bothPaths: false });
  expect(plain).not.toHaveProperty('deadline');
  expect(plain).not.toHaveProperty('freshSince');
});

test('a retry after the deadline lifts it, one before keeps it', () => {
  const deadline = hours(1).toISOString();
  const before = after([accepted({ deadline, fresh: true }), NOON], [retried, hours(0.5)]);
  expect(before).toMatchObject({ deadline: hours(1).getTime(), freshSince: 5, fromSeq: 6 });
  const late = after([accepted({ deadline, fresh: true }), NOON], [retried, hours(2)]);
  expect(late).not.toHaveProperty('deadline');
  expect(late).toMatchObject({ freshSince: 5, fromSeq: 6 });
});

test('the number of items that ingest requests of each lane is known until a retry', () => {
  const lanes = [{ lane: 'neural' as const, items: 7, billedCharacters: 70 }];
  expect(after([accepted({ lanes }), NOON])?.lanes).toEqual([{ lane: 'neural', items: 7 }]);
  expect(after([accepted({ lanes }), NOON], [retried, hours(1)])?.lanes).toEqual([
    { lane: 'neural', items: 0 },
  ]);
});
