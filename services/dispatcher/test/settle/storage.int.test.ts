/** Stores on a bad day: unwritable ones are reported, full ones are waited for, and paid sounds stay paid. */
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { soundHash } from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import { canMount, engineStats, eventually, onceStill, smallDisk, temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callsOf, paidTwice, payments, settled } from '../world/probes.ts';
import { dispatcherHere, dispatcherProcess, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases, sound } from '../world/sets.ts';

const isRoot = process.getuid?.() === 0;
const mountable = await canMount();

/** An empty folder that can't be written to. Root can write anywhere except on a read-only file system. */
async function readOnlyFolder(name: string) {
  if (!isRoot) {
    const folder = await temporaryFolder();
    await mkdir(`${folder.path}/${name}`);
    await chmod(`${folder.path}/${name}`, 0o555);
    return folder;
  }
  const disk = await smallDisk('64k');
  await mkdir(`${disk.path}/${name}`);
  disk.setReadOnly(true);
  return disk;
}

let rig: Rig;
const calls = async (): Promise<number> => (await callsOf(rig)).ok;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterAll(() => rig[Symbol.asyncDispose]());

test.skipIf(isRoot && !mountable)(
  'a read-only output fails the item with a remedy, and the sound stays paid',
  async () => {
    await using output = await readOnlyFolder('read-only');
    await using _ = dispatcherHere(rig);
    const wanted = sound('Nowhere to go.');
    const [failed] = await settled(rig, await ask(rig, [wanted], 'read-only', output.path), 1);
    expect(failed?.name).toBe('ItemFailed');
    expect(failed?.data).toMatchObject({
      code: expect.stringMatching(/^store-(read-only|denied)$/),
      message: expect.stringContaining(output.path),
      remedy: expect.stringMatching(/folder|Mount/),
    });
    expect((await payments(rig)).get(soundHash(wanted))).toMatchObject({ how: 'synthesized' });

    const [reused] = await settled(rig, await ask(rig, [wanted], 'elsewhere'), 1);
    expect(reused?.data).toMatchObject({ how: 'reused', billedCharacters: 0 });
    expect(paidTwice(await engineStats(rig))).toEqual([]);
  },
);

test.skipIf(!mountable)(
  'a dispatcher that starts on a full store pays for nothing until there is room',
  async () => {
    await using store = await smallDisk('1m');
    await store.fill();
    const before = await calls();
    const setId = await ask(rig, [sound('Too early.')], 'early');
    await using started = await dispatcherProcess(rig, { STORE: store.path, LOG_FORMAT: 'json' });
    await started.waitForLine(/store-unusable/);
    const paid = eventually(async () => (await calls()) > before);
    expect(await settlesWithin(2_000, paid)).toBe(false);
    await store.makeRoom();
    expect(await settled(rig, setId, 1)).toMatchObject([{ name: 'ItemCompleted' }]);
  },
);

test('when a file is in the way of a store’s audio, paid audio is held in memory until the file is moved', async () => {
  await using store = await temporaryFolder();
  await using _ = dispatcherHere(rig, { STORE: store.path, CONCURRENCY: '3' });
  await settled(rig, await ask(rig, phrases(1, 'While it lasts'), 'not-yet-in-the-way'), 1);
  await rm(`${store.path}/audio`, { recursive: true });
  await writeFile(`${store.path}/audio`, 'in the way');
  const before = await calls();
  const wanted = phrases(12, 'Mind the step');
  const setId = await ask(rig, wanted, 'in-the-way');
  const paid = async (): Promise<number> => (await calls()) - before;
  await eventually(async () => (await paid()) >= 3);
  expect(await onceStill(paid)).toBe(3);
  await rm(`${store.path}/audio`);
  const outcomes = await settled(rig, setId, wanted.length);
  expect(outcomes.map(({ name }) => name)).toEqual(wanted.map(() => 'ItemCompleted'));
  expect((await calls()) - before).toBe(wanted.length);
  expect(paidTwice(await engineStats(rig))).toEqual([]);
});

test('a dispatcher is not ready while its store can’t be used', async () => {
  await using store = await temporaryFolder();
  await using dispatcher = await dispatcherProcess(rig, { STORE: store.path });
  const { healthUrl } = JSON.parse(await dispatcher.waitForLine(/"event":"ready"/)) as { healthUrl: string };
  const readiness = async () => {
    const response = await fetch(`${healthUrl}/readyz`);
    return { ...((await response.json()) as object), code: response.status };
  };
  const isReady = async () => expect(await readiness()).toMatchObject({ code: 200 });
  await eventually(isReady);
  await rename(`${store.path}/audio`, `${store.path}/aside`);
  await writeFile(`${store.path}/audio`, 'in the way');
  const checks = { broker: { ok: true }, store: { ok: false, reason: expect.stringContaining(store.path) } };
  await eventually(async () => expect(await readiness()).toMatchObject({ code: 503, checks }));
  await rm(`${store.path}/audio`);
  await rename(`${store.path}/aside`, `${store.path}/audio`);
  await eventually(isReady);
});

test('a stop waits until the store has taken paid audio that only memory holds, and it is not paid again', async () => {
  await using store = await temporaryFolder();
  await writeFile(`${store.path}/audio`, 'in the way');
  const stopping = dispatcherHere(rig, { STORE: store.path, CALL_TIMEOUT: '30s' });
  const before = await calls();
  const wanted = sound('One moment, please.');
  const setId = await ask(rig, [wanted], 'in-memory');
  expect(await onceStill(async () => (await calls()) - before)).toBe(1);
  const stopped = stopping[Symbol.asyncDispose]();
  expect(await settlesWithin(2_000, stopped)).toBe(false);
  await rm(`${store.path}/audio`);
  await stopped;
  expect((await payments(rig)).get(soundHash(wanted))).toMatchObject({ how: 'synthesized' });
  await using _next = dispatcherHere(rig, { STORE: store.path });
  expect((await settled(rig, setId, 1)).map(({ name }) => name)).toEqual(['ItemCompleted']);
  expect((await calls()) - before).toBe(1);
});

test('few tasks are started while tasks’ audio waits for the store, and none is started twice', async () => {
  await using store = await temporaryFolder();
  await writeFile(`${store.path}/audio`, 'in the way');
  // Ten per second, so that the effect shows.
  await using _ = dispatcherHere(rig, { STORE: store.path, QUOTAS: 'polly' });
  const started = async (): Promise<number> => (await engineStats(rig)).tasksStarted;
  const before = await started();
  const wanted = phrases(60, 'A long story that goes on and on and does not come to its end. '.repeat(50));
  const setId = await ask(rig, wanted, 'long-stories');
  expect(await onceStill(async () => (await started()) - before)).toBeLessThan(40);
  await rm(`${store.path}/audio`);
  const outcomes = await settled(rig, setId, wanted.length);
  expect(outcomes.map(({ name }) => name)).toEqual(wanted.map(() => 'ItemCompleted'));
  expect((await started()) - before).toBe(wanted.length);
});
