/** A power cut of the broker that takes the end of the log from under a dispatcher. */
import { eventually, keptLog, setFaults } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';

test('a dispatcher whose claims the log has lost ends, and the next one settles their items', async () => {
  await using rig = await startRig({ ENGINE: 'instant' });
  const setId = await ask(rig, [sound('Never heard of it.')]);
  const loseEnd = await keptLog(rig.nats);
  await setFaults(rig, { serverError: 1 });
  const { done } = dispatcherHere(rig);
  const failed = expect(done).rejects.toThrow('the log has lost its end');
  await eventually(async () => (await soundEvents(rig)).some(({ name }) => name === 'SoundFreed'));
  await loseEnd();
  await setFaults(rig, {});
  await failed;
  await using _ = dispatcherHere(rig);
  expect(await settled(rig, setId, 1)).toMatchObject([{ name: 'ItemCompleted', data: { how: 'paid' } }]);
});
