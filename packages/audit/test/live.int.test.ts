/** Faults in projections that do not change are found while a system is running, too. */
import { itemsPageKey, POSITION_KEY, type SetSummary, setKey } from '@setlist/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { setOf } from './told.ts';
import { type History, openTold, type Told } from './world.ts';

let world: Told;
let history: History;
beforeAll(async () => {
  world = await openTold();
  ({ history } = world);
});
afterAll(() => world[Symbol.asyncDispose]());

const moved =
  (events: number) =>
  (key: string, summary: SetSummary): Promise<unknown> =>
    world.log.sets.put(key, { ...summary, lastSeq: summary.lastSeq + events });

test.each([
  ['projection-missing', (key: string) => world.log.sets.delete(key)],
  ['projection-behind', moved(-1)],
  ['projection-ahead', moved(100)],
] as const)('%s', async (code, damage) => {
  const { sets } = world.log;
  const key = setKey(history.tour.id);
  const stored = await sets.get<SetSummary>(key);
  if (stored === undefined) throw new Error(`${key} is not there`);
  await damage(key, stored.value);
  expect((await world.verify({ live: true })).findings).toMatchObject([{ code, where: { key } }]);
  await sets.put(key, stored.value);
  expect((await world.verify({ live: true })).findings).toEqual([]);
});

test.each([
  ['projection-orphaned', 'a set that never was', (): string => setKey('never')],
  [
    'projection-orphaned',
    'a page that its set does not have',
    (): string => itemsPageKey(history.tour.id, 9),
  ],
  ['projection-orphaned', 'a key that is none of ours', (): string => 'foo'],
  ['projection-ahead', 'a position beyond the log', (): string => POSITION_KEY],
] as const)('%s: %s', async (code, _, keyOf) => {
  const { sets } = world.log;
  const key = keyOf();
  const stored = await sets.get<object>(key);
  await sets.put(key, { ...stored?.value, lastSeq: 1_000 });
  expect((await world.verify({ live: true })).findings).toMatchObject([{ code, where: { key } }]);
  await (stored ? sets.put(key, stored.value) : sets.delete(key));
});

test('the projections of a set that begins during the check are not extra ones', async () => {
  const { log, output, store } = world;
  const later = setOf('later', '20261123t060000-k3f9q2', ['Later.'], output);
  await later.keepFile(store);
  const keys = async (filter: string): Promise<string[]> => {
    await log.append(later.accepted(), { lastSeq: 0 });
    await log.sets.put(setKey(later.id), { lastSeq: await log.head() });
    return log.sets.keys(filter);
  };
  const growing = { ...log, sets: { ...log.sets, keys } };
  expect((await world.verify({ log: growing, live: true })).findings).toEqual([]);
});
