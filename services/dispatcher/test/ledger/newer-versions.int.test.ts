/** Sounds about which a newer version has written an event that this version can't read. */
import { randomBytes } from 'node:crypto';
import { soundHash, subjects } from '@setlist/contracts';
import { adopt, type Offer } from '@setlist/sounds';
import { folderObjectStore } from '@setlist/storage';
import { publishRaw } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settled } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Publishes a later version's event about a sound. */
const saidLater = (hash: string): Promise<void> => {
  const id = `sound-paid-${hash}`;
  const said = { specversion: '1.0', id, source: '/setlist/dispatcher', type: 'setlist.sound.paid.v9' };
  const event = { ...said, subject: hash, time: new Date().toISOString(), data: {} };
  return publishRaw(rig.nats.url, subjects.sound(hash), JSON.stringify(event));
};

test('audio is kept and reported as known if a newer version writes an event for its sound meanwhile', async () => {
  const wanted = sound('Said in a newer way.', { format: 'pcm', sampleRate: 16_000 });
  const hash = soundHash(wanted);
  const store = folderObjectStore(`${rig.folder}/store`);
  const take = (read: Offer['read']) =>
    adopt({ log: rig.log, store, by: 'cli-1' }, { hash, sound: wanted, read });
  const crossing = async () => {
    await saidLater(hash);
    return randomBytes(3_200);
  };
  expect(await take(crossing)).toEqual({ kind: 'known' });
  expect(await Array.fromAsync(store.list(`audio/${hash}`))).toHaveLength(1);
  expect(await take(async () => randomBytes(3_200))).toEqual({ kind: 'known' });
});

test('an item fails with a remedy if only a newer version can read its sound’s last event', async () => {
  const wanted = sound('Beyond our understanding.');
  await saidLater(soundHash(wanted));
  await using _ = dispatcherHere(rig);
  const [failed] = await settled(rig, await ask(rig, [wanted], 'newer'), 1);
  expect(failed?.data).toMatchObject({
    code: 'unreadable-sound',
    remedy: expect.stringContaining('Update the dispatchers'),
  });
});
