/** Stores that answer everything with "not found", or store changed bytes: no item pays again for that. */
import { mkdir, rename, rm } from 'node:fs/promises';
import { soundHash } from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import { openStore } from '@setlist/storage';
import { engineStats, eventually, onceStill, setFaults } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { oddStoreRig } from '../world/odd-store-rig.ts';
import { callsOf, outcomesOf, paidTwice, payments, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, dispatcherProcess } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';

const of = oddStoreRig();
const calls = async (): Promise<number> => (await callsOf(of.rig)).ok;

test('an output that can’t be found is waited for: the sound is paid once, and copied when the output is there', async () => {
  await using _ = dispatcherHere(of.rig, of.s3.env);
  using odd = of.s3.be((_method, path) => (path.startsWith('/out') ? 'page' : 'passes'));
  const wanted = sound('Is there anybody there?');
  const setId = await ask(of.rig, [wanted], 'nobody', 's3://out');
  await eventually(async () => (await payments(of.rig)).has(soundHash(wanted)));
  expect(await onceStill(calls)).toBe(1);
  expect(await outcomesOf(of.rig, setId)).toEqual([]);
  odd[Symbol.dispose]();
  expect((await settled(of.rig, setId, 1)).map(({ name }) => name)).toEqual(['ItemCompleted']);
  expect(paidTwice(await engineStats(of.rig))).toEqual([]);
});

test('a store that changes bytes stops payments, and gets all paid audio once it is fixed', async () => {
  const before = await calls();
  await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store', CONCURRENCY: '3' });
  using odd = of.s3.be((method, path) =>
    method === 'PUT' && path.startsWith('/store/audio/') ? 'changed' : 'passes',
  );
  await setFaults(of.rig, { latencyMs: [200, 200] });
  const wanted = phrases(100, 'It came out otherwise');
  const setId = await ask(of.rig, wanted, 'changed', 's3://out');
  const paid = await onceStill(async () => (await calls()) - before);
  expect(paid, 'before it was noticed').toBeLessThan(wanted.length / 2);
  await setFaults(of.rig, {});
  odd[Symbol.dispose]();
  const outcomes = await settled(of.rig, setId, wanted.length);
  expect(new Set(outcomes.map(({ name }) => name))).toEqual(new Set(['ItemCompleted']));
  expect((await calls()) - before).toBe(wanted.length);
  expect(paidTwice(await engineStats(of.rig))).toEqual([]);
});

test('sounds that a store can’t keep, however many, do not stop sets whose sounds it can', async () => {
  const bad = phrases(6, 'Eaten by the scanner');
  const keys = bad.map((each) => `/store/audio/${soundHash(each)}.`);
  await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  using odd = of.s3.be((method, path) => {
    if (method === 'PUT' && keys.some((key) => path.startsWith(key))) return 'changed';
    // The same permissions as in deploy/iam.
    const mayRemove = !path.startsWith('/store/audio/') || path.startsWith('/store/audio/probe-');
    return method === 'DELETE' && !mayRemove ? 'denied' : 'passes';
  });
  const badSet = await ask(of.rig, bad.slice(0, 4), 'eaten', 's3://out');
  await eventually(async () => {
    const paid = await payments(of.rig);
    return bad.slice(0, 4).every((each) => paid.has(soundHash(each)));
  });
  await onceStill(calls);
  const mixed = [...phrases(5, 'Not to its taste'), ...bad.slice(4)];
  const mixedSet = await ask(of.rig, mixed, 'mixed', 's3://out');
  await settled(of.rig, mixedSet, 5);
  await settled(of.rig, await ask(of.rig, phrases(5, 'Nor this'), 'good', 's3://out'), 5);
  expect(await outcomesOf(of.rig, badSet)).toEqual([]);
  odd[Symbol.dispose]();
  await settled(of.rig, badSet, 4, 40_000);
  await settled(of.rig, mixedSet, 7, 40_000);
  expect(paidTwice(await engineStats(of.rig))).toEqual([]);
  const paid = new Set([...(await payments(of.rig)).values()].map(({ object }) => object));
  for await (const { key } of openStore('s3://store', of.s3.options).list('audio/'))
    expect(paid).toContain(key);
});

test('paid tasks whose audio a store can’t keep, however many, do not stop other tasks', async () => {
  const long = 'Eaten by the scanner, and told again from its very beginning. '.repeat(55);
  const bad = phrases(5, long);
  const keys = bad.map((each) => `/store/audio/${soundHash(each)}.`);
  const { tasksStarted: before } = await engineStats(of.rig);
  await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  using odd = of.s3.be((method, path) =>
    method === 'PUT' && keys.some((key) => path.startsWith(key)) ? 'changed' : 'passes',
  );
  const badSet = await ask(of.rig, bad, 'eaten-tasks', 's3://out');
  await eventually(async () => {
    const paid = await payments(of.rig);
    return bad.every((each) => paid.has(soundHash(each)));
  });
  const good = phrases(3, `Not to its taste. ${long}`);
  await settled(of.rig, await ask(of.rig, good, 'good-tasks', 's3://out'), good.length, 30_000);
  expect(await outcomesOf(of.rig, badSet)).toEqual([]);
  odd[Symbol.dispose]();
  const outcomes = await settled(of.rig, badSet, bad.length);
  expect(new Set(outcomes.map(({ name }) => name))).toEqual(new Set(['ItemCompleted']));
  expect((await engineStats(of.rig)).tasksStarted - before).toBe(bad.length + good.length);
  for (const each of bad) {
    const noted = (await soundEvents(of.rig, soundHash(each))).filter(({ name }) => name === 'SoundPaid');
    expect(noted, 'noted once').toHaveLength(1);
  }
});

test('a stop does not wait for audio whose payment is in the log: the next dispatcher does not pay again', async () => {
  const before = await calls();
  const stopping = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  using odd = of.s3.be((method, path) =>
    method === 'PUT' && path.startsWith('/store/audio/') ? 'changed' : 'passes',
  );
  const wanted = sound('Time, gentlemen, please.');
  const setId = await ask(of.rig, [wanted], 'stopped', 's3://out');
  await eventually(async () => (await payments(of.rig)).has(soundHash(wanted)));
  await onceStill(calls);
  const stopped = stopping[Symbol.asyncDispose]();
  const inTime = await settlesWithin(10_000, stopped);
  odd[Symbol.dispose]();
  await stopped;
  expect(inTime).toBe(true);
  await using _next = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  const [failed] = await settled(of.rig, setId, 1);
  expect(failed?.data).toMatchObject({ code: 'store-loses-audio' });
  expect((await calls()) - before).toBe(1);
});

test('a store that can’t be found does not count as empty: paid audio is copied when it is back', async () => {
  await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  const wanted = sound('It was there all the time.');
  await settled(of.rig, await ask(of.rig, [wanted], 'there', 's3://out'), 1);
  const before = await calls();
  using odd = of.s3.be((_method, path) => (path.startsWith('/store') ? 'page' : 'passes'));
  const setId = await ask(of.rig, [wanted], 'again', 's3://out');
  expect(await onceStill(calls)).toBe(before);
  odd[Symbol.dispose]();
  const [reused] = await settled(of.rig, setId, 1);
  expect(reused?.data).toMatchObject({ how: 'reused' });
});

test.each([
  ['', false],
  [', even if something makes an empty one in its place', true],
])(
  'a store whose folder is gone with its disk does not count as empty%s: no sound is paid for twice',
  async (also, isMade) => {
    const [disk, unplugged] = [`${of.rig.folder}/disk`, `${of.rig.folder}/unplugged`];
    await using dispatcher = await dispatcherProcess(of.rig, { STORE: `${disk}/store` });
    const paid = phrases(3, `On the other disk${also}`);
    await settled(of.rig, await ask(of.rig, paid, 'plugged'), paid.length);
    const before = await calls();
    await rename(disk, unplugged);
    if (isMade) await mkdir(`${disk}/store`, { recursive: true });
    const setId = await ask(of.rig, [...paid, sound(`New, and nowhere to keep it${also}.`)], 'unplugged');
    expect(await onceStill(async () => (await calls()) - before)).toBe(1);
    expect(await outcomesOf(of.rig, setId)).toEqual([]);
    await rm(disk, { recursive: true, force: true });
    await rename(unplugged, disk);
    const outcomes = await settled(of.rig, setId, paid.length + 1);
    const hows = outcomes.map(({ data }) => 'how' in data && data.how);
    expect(hows.toSorted()).toEqual(['paid', 'reused', 'reused', 'reused']);
    expect((await calls()) - before).toBe(1);
    await dispatcher.term();
    await rm(disk, { recursive: true });
  },
);

test('a store that can’t be read for a while fails no item: paid audio is copied once it can', async () => {
  await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  const wanted = sound('No entry without a badge.');
  await settled(of.rig, await ask(of.rig, [wanted], 'badge'), 1);
  const before = await calls();
  // This has the store checked, and found to be in order, a moment before.
  of.s3.be((method, path) => (path.startsWith('/out') && method === 'PUT' ? 'denied' : 'passes'));
  const refused = await settled(of.rig, await ask(of.rig, [wanted], 'no-entry', 's3://out'), 1);
  expect(refused.map(({ name }) => name)).toEqual(['ItemFailed']);
  using odd = of.s3.be((method, path) =>
    path.startsWith('/store') && method === 'GET' ? 'denied' : 'passes',
  );
  const setId = await ask(of.rig, [wanted], 'no-badge');
  expect(await onceStill(calls)).toBe(before);
  expect(await outcomesOf(of.rig, setId)).toEqual([]);
  odd[Symbol.dispose]();
  const [reused] = await settled(of.rig, setId, 1);
  expect(reused?.data).toMatchObject({ how: 'reused' });
});

test('audio that can’t be read in an otherwise readable store, such as archived audio, fails its item at once', async () => {
  await using _ = dispatcherHere(of.rig, { ...of.s3.env, STORE: 's3://store' });
  const wanted = sound('Deep frozen.');
  await settled(of.rig, await ask(of.rig, [wanted], 'fresh'), 1);
  const before = await calls();
  using _odd = of.s3.be((method, path) =>
    path.startsWith(`/store/audio/${soundHash(wanted)}.`) && method === 'GET' ? 'denied' : 'passes',
  );
  const [failed] = await settled(of.rig, await ask(of.rig, [wanted], 'frozen'), 1);
  expect(failed?.data).toMatchObject({
    code: 'store-denied',
    message: expect.stringContaining('/store/audio/'),
  });
  expect(await calls()).toBe(before);
});
