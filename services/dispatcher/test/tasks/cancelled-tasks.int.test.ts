/** A set is cancelled while its task runs or is looked for: what is in flight is kept, and nothing is lost. */
import { hash } from 'node:crypto';
import { readFile, rename, stat } from 'node:fs/promises';
import { newEvent, type SetlistEvent, type Sound, soundHash } from '@setlist/contracts';
import { engineStats, eventually } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { ask, say, sound } from '../world/sets.ts';
import { openWay, type Way } from '../world/way.ts';

let rig: Rig;
let way: Way;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
  way = await openWay(rig.engineUrl);
});
afterAll(async () => {
  await way[Symbol.asyncDispose]();
  await rig[Symbol.asyncDispose]();
});

const NEVER_MS = 3_600_000;
const LIST = 'GET /v1/synthesisTasks?MaxResults=100';

const cancel = (setId: string): Promise<void> =>
  say(rig, setId, 'SetCancelled', {
    counts: { total: 1, completed: 0, failed: 0, paid: 0, reused: 0, recovered: 0 },
  });

/** Requests can be held for as long as a test takes. */
const patient = () => ({ POLLY_LOCAL_URL: way.url, CALL_TIMEOUT: '60s' });

/** Waits until the dispatcher has heard of the set's end. */
const isHeard = (setId: string) =>
  eventually(async () => (await rig.log.existingLanes()).every((lane) => lane.setId !== setId));

const said = (wanted: Sound, name: string) =>
  eventually(async () => {
    const event = (await soundEvents(rig, soundHash(wanted))).find((each) => each.name === name);
    if (!event) throw new Error(`no ${name} yet`);
    return event;
  });

test('a task that was started before its set was cancelled ends, is paid for and is kept', async () => {
  await using _ = dispatcherHere(rig, patient());
  const looks = way.seen(LIST);
  way.next(LIST, 'held');
  const long = sound('Whoever cancels it has paid for it all the same by then. '.repeat(55));
  const setId = await ask(rig, [long], 'cancelled');
  await eventually(() => way.seen(LIST) > looks);
  await cancel(setId);
  await isHeard(setId);
  way.release();
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome).toMatchObject({ name: 'ItemCompleted', data: { how: 'paid' } });
  const paid = await said(long, 'SoundPaid');
  expect(paid.data).toMatchObject({ how: 'task', billedCharacters: long.text.length });
  const file = await readFile(`${rig.folder}/out/${outcome?.data.file}`);
  expect(outcome?.data).toHaveProperty('sha256', hash('sha256', file));
});

/** A task that a dispatcher started, then died before noting its id; its audio is not there yet. */
async function taskOfDead(wanted: Sound) {
  const keyPrefix = `setlist/${soundHash(wanted)}`;
  const region = 'us-east-1';
  const provider = pollySpeech({ region, endpoint: way.url, callTimeoutMs: 60_000 });
  const { taskId } = await provider.startTask(wanted, { bucket: 'setlist-tasks', keyPrefix });
  provider.close();
  const object = `${rig.folder}/buckets/setlist-tasks/${keyPrefix}.${taskId}.mp3`;
  await eventually(async () => (await stat(object)).size > 0);
  const aside = `${rig.folder}/${taskId}.mp3`;
  await rename(object, aside);
  const now = rig.log.clock.now();
  const claim = {
    hash: soundHash(wanted),
    claim: 1,
    by: 'dispatcher-dead',
    until: new Date(now).toISOString(),
    for: { set: 'another', index: 0, attempt: 1 },
    expired: 0,
    operation: 'task',
    because: 'new',
    lost: { keyPrefix },
  } as const;
  const event = newEvent('SoundClaimed', claim, { source: 'dispatcher', now: new Date(now) });
  await rig.log.append(event as SetlistEvent, { lastSeq: 0 });
  return { taskId, audioComes: () => rename(aside, object) };
}

test('a set that is cancelled while a dead dispatcher’s task is looked for leaves the task to the next set', async () => {
  way.listLateBy(NEVER_MS);
  const long = sound('Somebody has asked for it, and is not there to say so. '.repeat(60));
  const before = (await engineStats(rig)).tasksStarted;
  const dead = await taskOfDead(long);
  await using _ = dispatcherHere(rig, patient());
  const looks = way.seen(LIST);
  way.next(LIST, 'held');
  const first = await ask(rig, [long], 'taken-over');
  await eventually(() => way.seen(LIST) > looks);
  await cancel(first);
  await isHeard(first);
  way.release();
  expect((await said(long, 'SoundFreed')).data).toMatchObject({
    reason: { code: 'not-called' },
    because: 'expired',
    lost: { keyPrefix: expect.stringContaining(soundHash(long)) },
  });
  way.listLateBy(0);
  const second = await ask(rig, [long], 'asked-again');
  expect((await said(long, 'SoundTaskStarted')).data).toMatchObject({ taskId: dead.taskId });
  await dead.audioComes();
  const [outcome] = await settled(rig, second, 1);
  expect(outcome?.data).toMatchObject({ how: 'recovered', billedCharacters: long.text.length });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});
