/** The copy of the tracker's summaries when some of them can't be fetched. */
import { type SetSummary, setKey, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { eventsOf, recorded } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { SetsMirror } from './sets-mirror.ts';

test('fetched summaries are announced even if others failed, which are fetched the next time', async () => {
  const stored = new Map(['a', 'b'].map((setId) => [setKey(setId), { setId, lastSeq: 5 } as SetSummary]));
  const failing = new Set([setKey('b')]);
  const get = async (key: string) => {
    if (failing.has(key)) throw new Error('no answer');
    return { value: stored.get(key) };
  };
  const mirror = new SetsMirror({ sets: { get } } as unknown as EventLog);
  for (const setId of ['a', 'b']) mirror.note(setId, 5);
  const first = await mirror.catchUp();
  expect(first.changed.map(({ setId }) => setId)).toEqual(['a']);
  expect(first.failure).toEqual(new Error('no answer'));
  failing.clear();
  const second = await mirror.catchUp();
  expect(second.changed.map(({ setId }) => setId)).toEqual(['b']);
  expect(second.failure).toBeUndefined();
});

test('a set that is behind holds the place back to just before it fell behind, and no further', async () => {
  const stored = new Map<string, SetSummary>();
  const get = async (key: string) => stored.has(key) && { value: stored.get(key) };
  const mirror = new SetsMirror({ sets: { get } } as unknown as EventLog);
  const folds = async (lastSeq: number): Promise<void> => {
    stored.set(setKey('new'), { setId: 'new', lastSeq } as SetSummary);
    await mirror.catchUp();
  };
  for (const seq of [41, 45, 50]) mirror.note('new', seq);
  expect([mirror.reflectedUpTo(60), mirror.reflectedOf('new', 60), mirror.reflectedOf('old', 60)]).toEqual([
    40, 40, 60,
  ]);
  await folds(45);
  expect(mirror.reflectedUpTo(60)).toBe(45);
  await folds(50);
  expect(mirror.reflectedUpTo(60)).toBe(60);
  mirror.note('new', 70);
  expect(mirror.reflectedUpTo(70)).toBe(69);
});

test('a set that has not begun holds the place back for a while only, and is there once it has begun', async () => {
  const set = eventsOf();
  const [accepted] = recorded([set.accepted()]);
  const stored = new Map<string, SetSummary>();
  const asked: string[] = [];
  const log = { get: async (key: string) => stored.has(key) && { value: stored.get(key) } };
  const first = async (subject: string) => {
    asked.push(subject);
    return stored.size > 0 ? accepted : undefined;
  };
  const mirror = new SetsMirror({ sets: log, first } as unknown as EventLog);
  const look = async (times: number): Promise<number> => {
    for (let time = 0; time < times; time++) await mirror.catchUp();
    return mirror.reflectedUpTo(60);
  };
  mirror.note(set.id, 50);
  expect([await look(39), await look(1)]).toEqual([49, 60]);
  mirror.note(set.id, 55);
  expect([mirror.reflectedUpTo(60), await look(1)]).toEqual([54, 60]);
  expect(asked).toEqual([subjects.state(set.id), subjects.state(set.id)]);
  stored.set(setKey(set.id), { setId: set.id, lastSeq: 58 } as SetSummary);
  mirror.note(set.id, 58);
  await look(1);
  expect(mirror.get(set.id)?.lastSeq).toBe(58);
});

test('a set that has begun holds the place back for as long as the tracker is away', async () => {
  const [accepted] = recorded([eventsOf().accepted()]);
  const sets = { get: async () => undefined };
  const mirror = new SetsMirror({ sets, first: async () => accepted } as unknown as EventLog);
  mirror.note('late', 50);
  for (let time = 0; time < 200; time++) await mirror.catchUp();
  expect(mirror.reflectedUpTo(60)).toBe(49);
});

test('sets stay in the order of their acceptance, newest first, when one is added or changes', async () => {
  const stored = new Map<string, SetSummary>();
  const get = async (key: string) => ({ value: stored.get(key) });
  const mirror = new SetsMirror({ sets: { get } } as unknown as EventLog);
  const folds = async (setId: string, day: number, lastSeq: number) => {
    stored.set(setKey(setId), { setId, acceptedAt: `2026-01-0${day}T00:00:00.000Z`, lastSeq } as SetSummary);
    mirror.note(setId, lastSeq);
    await mirror.catchUp();
    return [...mirror.all()].map((summary) => `${summary.setId}${summary.lastSeq}`);
  };
  expect(await folds('b', 2, 1)).toEqual(['b1']);
  expect(await folds('a', 1, 2)).toEqual(['b1', 'a2']);
  expect(await folds('c', 3, 3)).toEqual(['c3', 'b1', 'a2']);
  expect(await folds('a', 1, 4)).toEqual(['c3', 'b1', 'a4']);
});
