/** Faults in the projections of a set that does not change are found while a system is running, too. */
import { type SetSummary, setKey } from '@setlist/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
