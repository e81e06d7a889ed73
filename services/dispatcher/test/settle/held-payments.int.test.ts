/** While a store or an output takes nothing, no more is paid for than can be held. */
import { mkdir, rm } from 'node:fs/promises';
import { type Sound, soundHash } from '@setlist/contracts';
import {
  canMount,
  engineStats,
  eventually,
  onceStill,
  setFaults,
  smallDisk,
  temporaryFolder,
} from '@setlist/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { callsOf, outcomesOf, paidTwice, payments, settled } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, phrases } from '../world/sets.ts';

const mountable = await canMount();

let rig: Rig;
const calls = async (): Promise<number> => (await callsOf(rig)).ok;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterEach(() => setFaults(rig, {}));
afterAll(() => rig[Symbol.asyncDispose]());

/** So that a busy machine too notices what became of a call before many others have been made. */
const slowCalls = (ms: number): Promise<void> => setFaults(rig, { latencyMs: [ms, ms] });

/** Blocks only these sounds in a folder store, until the result is disposed. */
async function inTheWayOf(store: string, sounds: readonly Sound[]): Promise<AsyncDisposable> {
  const held = new AsyncDisposableStack();
  for (const each of sounds) {
    const way = `${store}/audio/${soundHash(each)}.mp3`;
    await mkdir(`${way}/in the way`, { recursive: true });
    held.defer(() => rm(way, { recursive: true }));
  }
  return held;
}

test.each([
  ['tasks', 'A story that nobody wants to hear, and that is told all the same. '.repeat(50)],
  ['calls', 'Not in this house'],
])(
  'sounds of %s that a store refuses, as many as can be held, do not stop others, and are paid once',
  async (by, text) => {
    await using store = await temporaryFolder();
    const refused = phrases(5, text);
    await using _ = dispatcherHere(rig, { STORE: store.path, CONCURRENCY: '5' });
    await using way = await inTheWayOf(store.path, refused);
    const paid = async (): Promise<number> => (await engineStats(rig)).tasksStarted + (await calls());
    const before = await paid();
    const refusedSet = await ask(rig, refused, `refused-${by}`);
    await eventually(async () => expect((await paid()) - before).toBe(refused.length));
    await settled(rig, await ask(rig, phrases(3, `Let me through. ${text}`), `good-${by}`), 3);
    expect(await outcomesOf(rig, refusedSet)).toEqual([]);
    await way[Symbol.asyncDispose]();
    const outcomes = await settled(rig, refusedSet, refused.length);
    expect(outcomes.map(({ name }) => name)).toEqual(refused.map(() => 'ItemCompleted'));
    expect((await paid()) - before).toBe(refused.length + 3);
    expect(paidTwice(await engineStats(rig))).toEqual([]);
  },
);

test.each<[string, Record<string, string>, number]>([
  ['concurrent calls', { CONCURRENCY: '5' }, 500],
  ['calls per second', { QUOTAS: 'standard.synthesize=5/1' }, 0],
])('no more refused sounds are paid than can be held, with a limit on %s', async (of, limit, latencyMs) => {
  await using store = await temporaryFolder();
  const refused = phrases(40, `The bouncer says no to ${of}`);
  await using _ = dispatcherHere(rig, { STORE: store.path, ...limit });
  await using way = await inTheWayOf(store.path, refused);
  await slowCalls(latencyMs);
  const before = await calls();
  const setId = await ask(rig, refused, 'bounced');
  const paid = async (): Promise<number> => (await calls()) - before;
  await eventually(async () => (await paid()) > 5);
  expect(await onceStill(paid)).toBeLessThanOrEqual(16 + 5);
  await setFaults(rig, {});
  await way[Symbol.asyncDispose]();
  const outcomes = await settled(rig, setId, refused.length);
  expect(new Set(outcomes.map(({ name }) => name))).toEqual(new Set(['ItemCompleted']));
  expect((await calls()) - before).toBe(refused.length);
});

test.skipIf(!mountable)(
  'a full output stops payments once as many sounds wait for it as can be taken ahead',
  async () => {
    await using output = await smallDisk('2m');
    await mkdir(`${output.path}/much`);
    await output.fill();
    await using _ = dispatcherHere(rig, { AHEAD: '8', CONCURRENCY: '3' });
    await slowCalls(500);
    const before = await calls();
    const wanted = phrases(60, 'The house is full');
    const hashes = new Set(wanted.map(soundHash));
    const setId = await ask(rig, wanted, 'much', output.path);
    const stood = await onceStill(async () => (await calls()) - before);
    expect(stood).toBeLessThanOrEqual(2 * 8 + 3);
    const noted = async () => [...(await payments(rig)).keys()].filter((hash) => hashes.has(hash));
    await eventually(async () => expect(await noted()).toHaveLength(stood));
    expect(await outcomesOf(rig, setId)).toEqual([]);
    await setFaults(rig, {});
    await output.makeRoom();
    const outcomes = await settled(rig, setId, wanted.length);
    expect(outcomes.map(({ name }) => name)).toEqual(wanted.map(() => 'ItemCompleted'));
    expect((await calls()) - before).toBe(wanted.length);
    expect(paidTwice(await engineStats(rig))).toEqual([]);
  },
);
