/** Two runs of one name stored in the same millisecond: the later one in the log owns the files and the manifest. */
import { rebuildProjections } from '@setlist/sets';
import { expect, test } from 'vitest';
import { type Finding, repair } from '../src/index.ts';
import { withTimes } from './scratch.ts';
import { paidFor, setOf, soundOfItem } from './told.ts';
import { openWorld } from './world.ts';

test.each([
  ['earlier', 'k3f9q2', 'a3f9q2'],
  ['later', 'a3f9q2', 'k3f9q2'],
])(
  'of runs accepted in the same millisecond, the last in the log counts, also where it has the %s id',
  async (_, first, second) => {
    await using world = await openWorld();
    const { store, output } = world;
    const log = withTimes(world.log, () => new Date('2026-11-22T06:00:00Z'));
    const one = setOf('tour', `20261122t060000-${first}`, ['Welcome.'], output);
    const other = setOf('tour', `20261122t060000-${second}`, ['Welcome to the hall.'], output);
    await log.appendAll([one.accepted(), other.accepted(), one.requested(0), other.requested(0)]);
    for (const set of [one, other]) {
      await log.appendAll([...paidFor(set, 0, store), set.cancelled()]);
      await soundOfItem(set.item(0), store).keep();
      await set.keepFile(store);
      await set.deliver(0);
    }
    await rebuildProjections(log);
    const missing = { code: 'manifest-missing', where: { set: other.id } } as Finding;
    await repair([missing], { log, outputAt: () => output });
    const { findings, files, manifests } = await world.verify({ log });
    expect({ findings, files, manifests }).toEqual({ findings: [], files: 1, manifests: 1 });
  },
);
