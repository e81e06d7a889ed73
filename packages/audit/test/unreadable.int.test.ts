/** Projections that are not JSON, or that another version of the fold made. */
import { itemsPageKey, POSITION_KEY, setKey } from '@setlist/contracts';
import { expect, test } from 'vitest';
import { repair } from '../src/index.ts';
import { openScratch } from './scratch.ts';

test('projections that another version of the fold made are found and repaired', async () => {
  await using scratch = await openScratch();
  const { world } = scratch;
  await scratch.load(scratch.messages);
  const position = await world.log.sets.get<object>(POSITION_KEY);
  await world.log.sets.put(POSITION_KEY, { ...position?.value, fold: 0 });
  const { findings } = await world.verify();
  expect(findings).toMatchObject([{ code: 'projection-differs', where: { key: POSITION_KEY } }]);
  await repair(findings, { log: world.log });
  expect((await world.verify()).findings).toEqual([]);
});

test('projections that are not JSON are each found and repaired', async () => {
  await using scratch = await openScratch();
  const { world, history } = scratch;
  await scratch.load(scratch.messages);
  const keys = [POSITION_KEY, setKey(history.tour.id), itemsPageKey(history.guide.id, 0)];
  for (const key of keys) await scratch.overwrite(key, '{"setId":');
  const { findings } = await world.verify();
  const found = findings.map(({ code, where }) => [code, where.key]).sort();
  expect(found).toEqual(keys.map((key) => ['projection-differs', key]).sort());
  await repair(findings, { log: world.log });
  expect((await world.verify()).findings).toEqual([]);
});
