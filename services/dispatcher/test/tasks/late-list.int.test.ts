/** A provider that lists tasks late: started tasks are still found, and not started twice. */
import { soundHash } from '@setlist/contracts';
import { engineStats, eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, sound } from '../world/sets.ts';
import { openWay, type Way } from '../world/way.ts';

let rig: Rig;
let way: Way;
beforeAll(async () => {
  // A slow engine, so that no audio is there before the task is looked for.
  rig = await startRig({ ENGINE_THREADS: '1' });
  way = await openWay(rig.engineUrl);
});
afterAll(async () => {
  await way[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

test('a task with a known id is found by its id, even if the provider lists it late', async () => {
  const before = (await engineStats(rig)).tasksStarted;
  way.listLateBy(2_000);
  const late = { POLLY_LOCAL_URL: way.url, ACK_WAIT: '30s', CALL_TIMEOUT: '60s' };
  const long = sound('It was started and written down, and is not to be found in any list yet. '.repeat(45));
  const first = dispatcherHere(rig, { ...late, TASK_POLL_EVERY: '60s' });
  const setId = await ask(rig, [long], 'late-list');
  const isStarted = ({ name }: { name: string }): boolean => name === 'SoundTaskStarted';
  await eventually(async () => (await soundEvents(rig, soundHash(long))).some(isStarted));
  await first[Symbol.asyncDispose]();
  await using _ = dispatcherHere(rig, { ...late, TASK_POLL_EVERY: '1s' });
  const [outcome] = await settled(rig, setId, 1, 120_000);
  way.listLateBy(0);
  expect(outcome?.data).toMatchObject({ how: 'recovered', billedCharacters: long.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});

test('a task that may have just been started is looked for until even a late list would have it', async () => {
  const before = (await engineStats(rig)).tasksStarted;
  way.listLateBy(1_500);
  const late = { POLLY_LOCAL_URL: way.url, ACK_WAIT: '30s', CALL_TIMEOUT: '60s', TASK_POLL_EVERY: '1s' };
  const list = 'GET /v1/synthesisTasks?MaxResults=100';
  const looks = way.seen(list);
  way.next('POST /v1/synthesisTasks', 'reset');
  const long = sound('Nobody knows whether it was heard, and whoever was asking has to go. '.repeat(45));
  const first = dispatcherHere(rig, late);
  const setId = await ask(rig, [long], 'late-doubt');
  await eventually(async () => way.seen(list) > looks);
  await first[Symbol.asyncDispose]();
  await using _ = dispatcherHere(rig, late);
  const [outcome] = await settled(rig, setId, 1, 120_000);
  way.listLateBy(0);
  expect(outcome?.data).toMatchObject({ how: 'recovered', billedCharacters: long.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});
