/** Two trackers that write manifests of two runs to one place at once. */

import { createLogger } from '@setlist/runtime';
import { type LoggedManifest, manifestInLog } from '@setlist/sets';
import { folderObjectStore } from '@setlist/storage';
import { eventsOf, eventually } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { layManifest } from '../src/lay-manifest.ts';
import { openFolder, run } from './manifest-folder.ts';
import { asked, openWorld, outcomes } from './world.ts';

test('a tracker that is still writing the manifest of an earlier run leaves that of the later one there', async () => {
  await using world = await openWorld();
  await using folder = await openFolder();
  await world.startTracker();
  const runs = [eventsOf(run(1), 2, folder.uri), eventsOf(run(2), 2, folder.uri)];
  for (const set of runs) await world.tell([...asked(set, 2), ...outcomes(set, 0, 2)]);
  const [earlier, later] = await Promise.all(
    runs.map(({ id }) => eventually(async () => (await manifestInLog(world.log, id)) ?? null)),
  );
  if (!earlier || !later) throw new Error('two manifests');
  const logger = createLogger({ service: 'tracker', level: 'silent' });
  const options = { log: world.log, logger, storeAt: () => folderObjectStore(folder.out) };
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow: LoggedManifest = {
    ...earlier,
    async *items() {
      begun.resolve();
      await goOn.promise;
      yield* earlier.items();
    },
  };
  const first = layManifest(options, slow);
  await begun.promise;
  await layManifest(options, later);
  expect(await folder.read()).toMatchObject({ setId: later.header.setId });
  goOn.resolve();
  await first;
  expect(await folder.read()).toMatchObject({ setId: later.header.setId });
});
