/** Audio of tasks that is of no use, or was stored by a dispatcher that never said so. */
import { cp, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EventData } from '@setlist/contracts';
import { soundHash } from '@setlist/contracts';
import { eventually, temporaryFolder } from '@setlist/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { engineStats, settled, soundEvents } from './probes.ts';
import { dispatcherHere, dispatcherProcess, type Rig, startRig } from './rig.ts';
import { ask, sound } from './sets.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({ ENGINE: 'instant' });
});
afterAll(() => rig[Symbol.asyncDispose]());

/** So many tasks that dispatchers have started for a sound. */
const tasksOf = (hash: string, count: number): Promise<EventData<'SoundTaskStarted'>[]> =>
  eventually(async () => {
    const events = await soundEvents(rig, hash);
    const tasks = events.flatMap(({ name, data }) => (name === 'SoundTaskStarted' ? [data] : []));
    const ids = new Map(tasks.map((task) => [task.taskId, task as EventData<'SoundTaskStarted'>]));
    return ids.size >= count ? [...ids.values()] : null;
  });
const keyOf = ({ keyPrefix, taskId }: EventData<'SoundTaskStarted'>): string => `${keyPrefix}.${taskId}.mp3`;
const engineObject = (key: string): string => `${rig.folder}/buckets/setlist-tasks/${key}`;
const whole = (path: string): Promise<boolean> => eventually(async () => (await stat(path)).size > 0);
const paymentsOf = async (hash: string) =>
  (await soundEvents(rig, hash)).flatMap(({ name, data }) => (name === 'SoundPaid' ? [data] : []));

test('a task whose audio can not be used is not taken again: another is started, and said to be the second', async () => {
  await using bucket = await temporaryFolder();
  await using _ = dispatcherHere(rig, { TASK_STORE: bucket.path });
  const before = (await engineStats(rig)).tasksStarted;
  const long = sound('It came out as noise at first, and as words the second time. '.repeat(55));
  const setId = await ask(rig, [long], 'noise');
  const [bad] = await tasksOf(soundHash(long), 1);
  if (!bad) throw new Error('a task was started');
  await mkdir(dirname(`${bucket.path}/${keyOf(bad)}`), { recursive: true });
  await writeFile(`${bucket.path}/${keyOf(bad)}`, 'noise');

  const [, good] = await tasksOf(soundHash(long), 2);
  if (!good) throw new Error('a second task was started');
  await whole(engineObject(keyOf(good)));
  await cp(engineObject(keyOf(good)), `${bucket.path}/${keyOf(good)}`);
  const [outcome] = await settled(rig, setId, 1);
  expect(outcome?.name).toBe('ItemCompleted');
  const [paid] = await paymentsOf(soundHash(long));
  expect(paid).toMatchObject({ taskId: good.taskId, repaid: { because: 'cut' } });
  expect((await engineStats(rig)).tasksStarted).toBe(before + 2);
});

test('stored audio that was never noted is noted with its task, which leaves nothing in the bucket', async () => {
  const long = sound('It was stored, and then there was nobody left to say so at all. '.repeat(55));
  const patient = { ACK_WAIT: '30s', CALL_TIMEOUT: '60s', TASK_POLL_EVERY: '60s' };
  await using first = await dispatcherProcess(rig, patient);
  const setId = await ask(rig, [long], 'stored');
  const [task] = await tasksOf(soundHash(long), 1);
  if (!task) throw new Error('a task was started');
  await first.term();
  await whole(engineObject(keyOf(task)));
  const canonical = `${rig.folder}/store/audio/${soundHash(long)}.mp3`;
  await mkdir(dirname(canonical), { recursive: true });
  await cp(engineObject(keyOf(task)), canonical);

  await using _heir = dispatcherHere(rig);
  await settled(rig, setId, 1);
  const [paid] = await paymentsOf(soundHash(long));
  expect(paid).toMatchObject({ how: 'recovered', taskId: task.taskId });
  await eventually(() =>
    stat(engineObject(keyOf(task))).then(
      () => false,
      () => true,
    ),
  );
});
