import { expect, test } from 'vitest';
import { openWorld, tellHistory } from './world.ts';

test('a history that Setlist itself has written gives no findings, nor do its audio and manifests', async () => {
  await using world = await openWorld();
  await tellHistory(world);
  const { findings, faults, sets, sounds, files, manifests } = await world.verify();
  expect(findings).toEqual([]);
  expect({ faults, sets, sounds, files, manifests }).toEqual({
    faults: 0,
    sets: 3,
    sounds: 4,
    files: 5,
    manifests: 1,
  });
});
