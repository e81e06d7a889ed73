/** Tasks' audio that is unusable, can't be fetched, or was stored by a dispatcher that died before noting it. */
import { cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newEvent, type SetlistEvent, type Sound, soundHash } from '@setlist/contracts';
import { settlesWithin } from '@setlist/runtime';
import { openStore } from '@setlist/storage';
import { engineStats, eventually, onceStill, temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { pollySpeech } from '../../src/adapters/polly-speech.ts';
import { startOddStore } from '../world/odd-store.ts';
import { callsOf, outcomesOf, settled, soundEvents } from '../world/probes.ts';
import { dispatcherHere, type Rig, startRig } from '../world/rig.ts';
import { type Asked, ask, askWith, sound } from '../world/sets.ts';
import { openWay } from '../world/way.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterAll(() => rig[Symbol.asyncDispose]());

const paymentsOf = async (hash: string) =>
  (await soundEvents(rig, hash)).flatMap(({ name, data }) => (name === 'SoundPaid' ? [data] : []));

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ size }) => size > 0,
    () => false,
  );

/**
 * A dead dispatcher's task for a sound, with its audio in the bucket, and then a set that wants the sound.
 * @param isAskedFor whether the audio is not found in the bucket before the provider is asked about the task
 */
async function taskOfDead(wanted: Sound, name: string, terms: Asked['terms'] = {}, isAskedFor = false) {
  const hash = soundHash(wanted);
  const keyPrefix = `setlist/${hash}`;
  const noted = { keyPrefix: isAskedFor ? `elsewhere/${hash}` : keyPrefix };
  const provider = pollySpeech({
    region: 'us-east-1',
    endpoint: rig.engineUrl,
    callTimeoutMs: 60_000,
  });
  const { taskId } = await provider.startTask(wanted, { bucket: 'setlist-tasks', keyPrefix });
  provider.close();
  const object = `${rig.folder}/buckets/setlist-tasks/${keyPrefix}.${taskId}.mp3`;
  await eventually(() => isThere(object));

  const until = new Date(rig.log.clock.now() - 1_000).toISOString();
  const claim = {
    hash,
    claim: 1,
    by: 'dispatcher-dead',
    until,
    for: { set: 'a-set', index: 0, attempt: 1 },
    expired: 0,
  };
  const context = { source: 'dispatcher', now: new Date() } as const;
  const life: SetlistEvent[] = [
    newEvent('SoundClaimed', { ...claim, operation: 'task', because: 'new', lost: noted }, context),
    newEvent('SoundTaskStarted', { ...claim, ...noted, taskId }, context),
  ];
  let lastSeq = 0;
  for (const event of life) {
    const appended = await rig.log.append(event, { lastSeq });
    if (appended.kind !== 'stored') throw new Error('nobody else is there');
    lastSeq = appended.seq;
  }
  const setId = await askWith(rig, [wanted], { name, terms });
  return { setId, hash, taskId, object, key: `${keyPrefix}.${taskId}.mp3` };
}

test('a task with unusable audio is not used again: another is started, and marked as a repeat', async () => {
  const long = sound('It came out as noise at first, and as words the second time. '.repeat(55));
  const bad = await taskOfDead(long, 'noise');
  await writeFile(bad.object, 'noise');
  const before = (await engineStats(rig)).tasksStarted;

  await using _ = dispatcherHere(rig);
  const [outcome] = await settled(rig, bad.setId, 1);
  expect(outcome?.name).toBe('ItemCompleted');
  const [paid, ...others] = await paymentsOf(bad.hash);
  expect(paid).toMatchObject({ taskId: expect.not.stringMatching(bad.taskId), repaid: { because: 'cut' } });
  expect(others).toEqual([]);
  expect((await engineStats(rig)).tasksStarted).toBe(before + 1);
});

test('stored audio that was never noted is noted with its task, and nothing is left in the bucket', async () => {
  const long = sound('It was stored, and then there was nobody left to say so at all. '.repeat(55));
  const task = await taskOfDead(long, 'stored');
  const canonical = `${rig.folder}/store/audio/${task.hash}.mp3`;
  await mkdir(dirname(canonical), { recursive: true });
  await cp(task.object, canonical);
  const before = (await engineStats(rig)).tasksStarted;

  await using _heir = dispatcherHere(rig);
  await settled(rig, task.setId, 1);
  const [paid] = await paymentsOf(task.hash);
  expect(paid).toMatchObject({ how: 'recovered', taskId: task.taskId });
  await eventually(async () => !(await isThere(task.object)));
  expect((await engineStats(rig)).tasksStarted).toBe(before);
});

test('a task that was paid for in time is delivered after the deadline, and where none is left nothing is paid', async () => {
  const long = sound('It was in time, whoever was there to see it and whoever was not. '.repeat(55));
  const short = sound('Nobody knows whether this was ever said.');
  const terms = { deadline: new Date(rig.log.clock.now() - 1_000).toISOString() };
  const task = await taskOfDead(long, 'in-time', terms);
  const until = new Date(rig.log.clock.now() - 1_000).toISOString();
  const claim = {
    ...{ hash: soundHash(short), claim: 1, by: 'dispatcher-dead', until, expired: 0 },
    for: { set: 'a-set', index: 0, attempt: 1 },
  };
  const claimed = { ...claim, operation: 'synthesize', because: 'new' } as const;
  const context = { source: 'dispatcher', now: new Date() } as const;
  await rig.log.append(newEvent('SoundClaimed', claimed, context), { lastSeq: 0 });
  const { tasksStarted } = await engineStats(rig);
  const calls = await callsOf(rig);

  await using _ = dispatcherHere(rig);
  const tooLate = await askWith(rig, [short], { name: 'too-late', terms });
  const [recovered] = await settled(rig, task.setId, 1);
  expect(recovered).toMatchObject({ name: 'ItemCompleted', data: { how: 'recovered' } });
  const [failed] = await settled(rig, tooLate, 1);
  expect(failed?.data).toMatchObject({ code: 'deadline' });
  expect((await engineStats(rig)).tasksStarted).toBe(tasksStarted);
  expect(await callsOf(rig)).toEqual(calls);
});

test('after the deadline a task is looked for again if the look-up is throttled', async () => {
  await using way = await openWay(rig.engineUrl);
  const long = sound('It was in time, but just then too many others asked about theirs. '.repeat(55));
  const terms = { deadline: new Date(rig.log.clock.now() - 3_600_000).toISOString() };
  const task = await taskOfDead(long, 'throttled-late', terms, true);
  const look = `GET /v1/synthesisTasks/${task.taskId}`;
  way.next(look, 'throttled');
  await using _ = dispatcherHere(rig, { POLLY_LOCAL_URL: way.url });
  const [recovered] = await settled(rig, task.setId, 1);
  expect(recovered).toMatchObject({ name: 'ItemCompleted', data: { how: 'recovered' } });
  expect(way.seen(look)).toBe(2);
});

test('after the deadline an item still looks for its task if its copy elsewhere was quicker, and died', async () => {
  const long = sound('It was in time, and the one who was quicker never said a word of it. '.repeat(55));
  const terms = { deadline: new Date(rig.log.clock.now() - 1_000).toISOString() };
  const task = await taskOfDead(long, 'quicker-late', terms);
  let claims = 0;
  const append: Rig['log']['append'] = async (event, expected) => {
    if (event.name === 'SoundClaimed' && claims++ === 0) {
      const now = rig.log.clock.now();
      const quicker = { ...event.data, by: 'dispatcher-quick', until: new Date(now + 500).toISOString() };
      const context = { source: 'dispatcher', now: new Date(now) } as const;
      await rig.log.append(newEvent('SoundClaimed', quicker, context), expected);
    }
    return rig.log.append(event, expected);
  };
  await using _ = dispatcherHere({ ...rig, log: { ...rig.log, append } });
  const [recovered] = await settled(rig, task.setId, 1);
  expect(recovered).toMatchObject({ name: 'ItemCompleted', data: { how: 'recovered' } });
});

test('tasks’ audio that the bucket refuses, such as archived audio, does not keep others from being fetched', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  await using s3 = await startOddStore('tasks');
  const bucket = openStore('s3://tasks', s3.options);
  const left = async (name: string) => {
    const task = await taskOfDead(sound(`Once upon a time there was one of ${name}. `.repeat(90)), name);
    await bucket.put(task.key, await readFile(task.object), { contentType: 'audio/mpeg' });
    return task;
  };
  const refused = await Promise.all(['one', 'two', 'three', 'four', 'five'].map(left));
  using odd = s3.be((method, path) =>
    method === 'GET' && refused.some(({ key }) => path.startsWith(`/tasks/${key}`)) ? 'denied' : 'passes',
  );
  await using _ = dispatcherHere(rig, { ...s3.env, TASK_STORE: 's3://tasks' });
  for (const name of ['six', 'seven', 'eight']) await settled(rig, (await left(name)).setId, 1, 20_000);
  for (const { setId } of refused) expect(await outcomesOf(rig, setId)).toEqual([]);
  odd[Symbol.dispose]();
  for (const { setId, taskId } of refused) {
    const [outcome] = await settled(rig, setId, 1);
    expect(await paymentsOf(outcome?.data.hash ?? '')).toMatchObject([{ how: 'recovered', taskId }]);
  }
  vi.unstubAllEnvs();
});

test('tasks of dead dispatchers that can’t be looked for do not keep others from being started', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  await using s3 = await startOddStore('tasks');
  const bucket = openStore('s3://tasks', s3.options);
  // One more than are looked for at once.
  const names = Array.from({ length: 13 }, (_, at) => `lost-${at + 1}`);
  const lost = await Promise.all(
    names.map((name) => taskOfDead(sound(`And then we lost sight of ${name}. `.repeat(100)), name)),
  );
  const arrive = async ({ key, object }: (typeof lost)[number]) =>
    bucket.put(key, await readFile(object), { contentType: 'audio/mpeg' });
  const [late, ...stored] = lost;
  if (!late) throw new Error('there are thirteen');
  await Promise.all(stored.map(arrive));
  using odd = s3.be((method, path) =>
    method === 'GET' && path.startsWith('/tasks') && path.includes('list-type') ? 'denied' : 'passes',
  );
  await using _ = dispatcherHere(rig, { ...s3.env, TASK_STORE: 's3://tasks' });
  const namesOf = async (hash: string) => (await soundEvents(rig, hash)).map(({ name }) => name);
  for (const { hash } of lost)
    await eventually(async () => expect((await namesOf(hash)).length).toBeGreaterThan(2));
  const another = sound('Nobody has ever lost sight of this one, long as it is. '.repeat(70));
  await ask(rig, [another], 'another');
  await eventually(async () => expect(await namesOf(soundHash(another))).toContain('SoundTaskStarted'));
  odd[Symbol.dispose]();
  // Its audio is not there yet: once that is known, it is looked for in the provider's list.
  await eventually(async () => expect(await namesOf(late.hash)).toContain('SoundFreed'));
  await arrive(late);
  for (const { setId, hash, taskId } of lost) {
    await settled(rig, setId, 1);
    expect(await paymentsOf(hash)).toMatchObject([{ how: 'recovered', taskId }]);
  }
  vi.unstubAllEnvs();
});

test('a stop does not wait for a task whose audio is in its bucket, however long the store is unwritable', async () => {
  await using store = await temporaryFolder();
  await writeFile(`${store.path}/audio`, 'in the way');
  const { tasksStarted: before } = await engineStats(rig);
  const wanted = sound('It was told to its very end, and nobody was there to keep it. '.repeat(55));
  const stopping = dispatcherHere(rig, { STORE: store.path });
  const setId = await ask(rig, [wanted], 'left-in-the-bucket');
  const last = async () => (await soundEvents(rig, soundHash(wanted))).at(-1);
  await eventually(async () => expect((await last())?.name).toBe('SoundTaskStarted'));
  await onceStill(async () => (await soundEvents(rig, soundHash(wanted))).length);
  expect(await settlesWithin(10_000, stopping[Symbol.asyncDispose]())).toBe(true);
  const handedOver = await last();
  if (handedOver?.name !== 'SoundClaimed') throw new Error(`no claim is handed over: ${handedOver?.name}`);
  expect(Date.parse(handedOver.data.until)).toBeLessThanOrEqual(Date.parse(handedOver.time));
  await rm(`${store.path}/audio`);
  await using _heir = dispatcherHere(rig, { STORE: store.path });
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome?.data).toMatchObject({ how: 'recovered' });
  expect((await engineStats(rig)).tasksStarted - before).toBe(1);
});
