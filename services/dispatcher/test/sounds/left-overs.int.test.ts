/** What crashes and tasks leave behind is found and removed, but only what is certainly ours. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EventData,
  newEvent,
  type SetlistEvent,
  type Sound,
  soundHash,
  subjects,
} from '@setlist/contracts';
import {
  canonicalKey,
  probeKey,
  removeLeftOvers,
  removeTaskLeftOvers,
  removeUnused,
  surveyStore,
  taskLeftOvers,
} from '@setlist/sounds';
import { folderObjectStore } from '@setlist/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { AT_ONCE, aged, all, type CollectWorld, startCollectWorld } from '../world/collect-world.ts';
import { outcomesOf, soundEvents } from '../world/probes.ts';
import { dispatcherHere } from '../world/rig.ts';
import { phrases } from '../world/sets.ts';

let world: CollectWorld;
beforeEach(async () => {
  world = await startCollectWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

test('the next survey finds what a crash between the note and the removal left behind', async () => {
  const dispatcher = dispatcherHere(world.rig);
  await world.end(await world.made(phrases(1, 'Half removed'), 'first'));
  await dispatcher[Symbol.asyncDispose]();
  const survey = await surveyStore(world.holdings, AT_ONCE);
  const dying = {
    ...world.holdings,
    store: Object.assign(Object.create(world.store), { delete: () => Promise.reject(new Error('killed')) }),
  };
  await expect(all(removeUnused(dying, survey, 'cli-1'))).rejects.toThrow('killed');
  const [key = ''] = await world.keys();
  expect((await surveyStore(world.holdings, AT_ONCE)).leftOvers, 'it may still be work in progress').toEqual(
    [],
  );
  await aged(world.store.locate(key));
  const later = await surveyStore(world.holdings, AT_ONCE);
  expect(later).toMatchObject({ unused: [], leftOvers: [{ key }] });
  expect(await all(removeLeftOvers(world.holdings, later.leftOvers))).toMatchObject([{ did: 'removed' }]);
  expect(await world.keys()).toEqual([]);
});

test('an object that only probed the store and was left behind is found and removed once it is old', async () => {
  const [wanted] = phrases(1, 'Tried only') as [Sound];
  const key = probeKey(soundHash(wanted), 'mp3');
  await world.store.put(key, Buffer.from('ID3'), { contentType: 'audio/mpeg' });
  expect((await surveyStore(world.holdings, AT_ONCE)).leftOvers).toEqual([]);
  await aged(world.store.locate(key));
  const { leftOvers, stored } = await surveyStore(world.holdings, AT_ONCE);
  expect({ leftOvers, stored }).toMatchObject({ leftOvers: [{ key }], stored: { count: 0 } });
  expect(await all(removeLeftOvers(world.holdings, leftOvers))).toMatchObject([{ key, did: 'removed' }]);
  expect(await world.keys()).toEqual([]);
});

test('reports that audio was removed even if it was paid for meanwhile, since it will be paid for again', async () => {
  const wanted = phrases(1, 'Wanted in that moment');
  // Uses a dispatcher with an empty cache: otherwise it would still deliver the audio that is being removed.
  const pay = async (name: string) => {
    await using _dispatcher = dispatcherHere(world.rig);
    await world.end(await world.made(wanted, name));
  };
  const beside = (remove: (key: string) => Promise<void>) => ({
    ...world.holdings,
    store: Object.assign(Object.create(world.store), {
      delete: remove,
      head: (key: string) => world.store.head(key),
    }),
  });
  const before = beside(async (key) => {
    await pay('before');
    await world.store.delete(key);
  });
  const after = beside(async (key) => {
    await world.store.delete(key);
    await pay('after');
  });
  await pay('first');
  const unused = await surveyStore(world.holdings, AT_ONCE);
  expect(await all(removeUnused(after, unused, 'cli-1'))).toMatchObject([{ did: 'removed' }]);
  const again = await surveyStore(world.holdings, AT_ONCE);
  expect(await all(removeUnused(before, again, 'cli-2'))).toMatchObject([{ did: 'crossed' }]);
  expect(await world.keys()).toEqual([]);
  await pay('last');
  const events = await soundEvents(world.rig, soundHash(wanted[0] as Sound));
  expect(events.at(-1)).toMatchObject({ name: 'SoundPaid', data: { repaid: { because: 'missing' } } });
});

test('never touches a claimed sound, a stranger, or a file that is not named like our audio', async () => {
  const audio = join(world.rig.folder, 'store', 'audio');
  await mkdir(audio, { recursive: true });
  const claimed = 'c'.repeat(64);
  const stranger = 'd'.repeat(64);
  for (const name of [
    `${claimed}.mp3`,
    `${stranger}.mp3`,
    'readme.txt',
    `${stranger}.mp3.bak`,
    'welcome.mp3',
  ]) {
    await writeFile(join(audio, name), 'x');
    await aged(join(audio, name));
  }
  const data: EventData<'SoundClaimed'> = {
    hash: claimed,
    claim: 1,
    by: 'dispatcher-1',
    until: new Date(0).toISOString(),
    for: { set: 'a-set', index: 0, attempt: 1 },
    operation: 'synthesize',
    expired: 0,
    because: 'new',
  };
  await world.rig.log.append(newEvent('SoundClaimed', data, { source: 'dispatcher', now: new Date() }), {
    lastSeq: 0,
  });
  const survey = await surveyStore(world.holdings, AT_ONCE);
  expect(survey).toMatchObject({ unused: [], leftOvers: [], strangers: [{ hash: stranger }] });
  // Not even if a caller passes them as left-overs by mistake.
  expect(await all(removeLeftOvers(world.holdings, survey.strangers))).toMatchObject([{ did: 'kept' }]);
  const named = { key: 'audio/welcome.mp3', hash: claimed, bytes: 1, modifiedAt: 0 };
  expect(await all(removeLeftOvers(world.holdings, [named]))).toMatchObject([{ did: 'kept' }]);
  expect((await world.keys()).toSorted()).toHaveLength(5);
});

test('audio that a dead dispatcher may have stored is no left-over of a sound that was given up: the next set finds it', async () => {
  const [wanted] = phrases(1, 'Five died of it') as [Sound];
  const hash = soundHash(wanted);
  const endpoint = world.rig.engineUrl;
  const provider = pollySpeech({ region: 'us-east-1', endpoint, callTimeoutMs: 60_000 });
  const { audio } = await provider.synthesize(wanted);
  provider.close();
  const key = canonicalKey(hash, 'mp3');
  await world.store.put(key, audio, { contentType: 'audio/mpeg', metadata: { hash } });
  await aged(world.store.locate(key));
  const reason = { code: 'claims-ran-out', message: 'its claims expired', remedy: 'retry it' };
  const data = { hash, claim: 5, by: 'dispatcher-1', reason, billed: true, because: 'expired' } as const;
  const freed = newEvent('SoundFreed', data, { source: 'dispatcher', now: new Date() });
  await world.rig.log.append(freed, { lastSeq: 0 });

  expect((await surveyStore(world.holdings, AT_ONCE)).leftOvers).toEqual([]);
  const mistaken = { key, hash, bytes: 1, modifiedAt: 0 };
  expect(await all(removeLeftOvers(world.holdings, [mistaken]))).toMatchObject([{ did: 'kept' }]);
  await using _dispatcher = dispatcherHere(world.rig);
  const outcomes = await outcomesOf(world.rig, await world.made([wanted], 'next'));
  expect(outcomes).toMatchObject([{ data: { how: 'recovered', billedCharacters: wanted.text.length } }]);
});

test('audio that a dispatcher stored before it died may be the second payment, if an earlier answer was cut off', async () => {
  const [wanted] = phrases(1, 'Cut off, said again') as [Sound];
  const hash = soundHash(wanted);
  const endpoint = world.rig.engineUrl;
  const provider = pollySpeech({ region: 'us-east-1', endpoint, callTimeoutMs: 60_000 });
  const { audio } = await provider.synthesize(wanted);
  provider.close();
  await world.store.put(canonicalKey(hash, 'mp3'), audio, {
    contentType: 'audio/mpeg',
    metadata: { hash },
  });
  const common = { hash, by: 'dispatcher-dead' };
  const held = {
    ...common,
    until: new Date(0).toISOString(),
    operation: 'synthesize',
    lane: 'standard',
    expired: 0,
    for: { set: 'a-set', index: 0, attempt: 1 },
  } as const;
  const reason = { code: 'call-timeout', message: 'no complete answer came', remedy: 'retry it' };
  const context = { source: 'dispatcher', now: new Date() } as const;
  const life: SetlistEvent[] = [
    newEvent('SoundClaimed', { ...held, claim: 1, because: 'new' }, context),
    newEvent('SoundFreed', { ...common, claim: 1, reason, billed: true, because: 'cut' }, context),
    newEvent('SoundClaimed', { ...held, claim: 2, because: 'cut' }, context),
  ];
  for (const event of life)
    await world.rig.log.append(event, {
      lastSeq: (await world.rig.log.last(subjects.sound(hash)))?.seq ?? 0,
    });
  await using _dispatcher = dispatcherHere(world.rig);
  await world.made([wanted], 'said-twice');
  const paid = (await world.rig.log.last(subjects.sound(hash)))?.event;
  expect(paid?.data).toMatchObject({ how: 'recovered', repaid: { because: 'expired' } });
});

test('finds what tasks left in their bucket after their sound was stored, and keeps a lost task’s audio', async () => {
  await using _dispatcher = dispatcherHere(world.rig);
  const [done] = phrases(1, 'By a task') as [Sound];
  await world.made([done], 'set');
  const bucket = {
    store: folderObjectStore(`${world.rig.folder}/buckets/setlist-tasks`),
    prefixRoot: 'setlist/',
  };
  const lost = `setlist/${'e'.repeat(64)}.task-2.mp3`;
  const left = `setlist/${soundHash(done)}.task-1.mp3`;
  for (const key of [lost, left, 'setlist/other.mp3']) {
    await bucket.store.put(key, Buffer.from('x'), { contentType: 'audio/mpeg' });
    await aged(bucket.store.locate(key));
  }
  const leftOvers = await taskLeftOvers(world.holdings, bucket, AT_ONCE);
  expect(leftOvers).toMatchObject([{ key: left, hash: soundHash(done) }]);
  expect(await all(removeTaskLeftOvers(world.holdings, bucket, leftOvers))).toMatchObject([
    { key: left, did: 'removed' },
  ]);
  expect(await bucket.store.head(lost)).toBeDefined();
});
