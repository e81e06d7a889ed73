/** However many tasks the provider still lists, only the necessary pages are read. */
import type { ObjectStore } from '@setlist/storage';
import { expect, test } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import type { SpeechProvider, SpeechTask } from '../adapters/polly-speech.ts';
import { LookUps } from '../quota/look-ups.ts';
import { AudioRoom } from './audio-room.ts';
import { Tasks } from './tasks.ts';

const never = new AbortController().signal;
const task = (number: number, changes: Partial<SpeechTask> = {}): SpeechTask => ({
  taskId: `task-${number}`,
  status: 'completed',
  outputUri: `https://s3.example/bucket/setlist/${number}.task-${number}.mp3`,
  ...changes,
});
/** A thousand tasks, newest first, a hundred per page. */
const all = Array.from({ length: 1_000 }, (_, index) => task(1_000 - index));

function tasksOf(
  tasks: readonly SpeechTask[],
  store: Partial<ObjectStore> = {},
  onPollFailed = (error: unknown): void => {
    throw error;
  },
) {
  const pages = { read: 0 };
  const rate = { acquire: async () => ++pages.read > 0, slowDown: async () => undefined };
  const provider: Pick<SpeechProvider, 'task' | 'listTasks'> = {
    async task(taskId) {
      const known = tasks.find((each) => each.taskId === taskId);
      if (known) return known;
      throw new CallFailed({ from: 'provider', code: 'SynthesisTaskNotFoundException', message: taskId });
    },
    async listTasks(start = '0') {
      const end = Number(start) + 100;
      const entries = tasks.slice(Number(start), end);
      return { entries, ...(end < tasks.length && { next: String(end) }) };
    },
  };
  const made = new Tasks({
    provider: provider as SpeechProvider,
    lookUps: new LookUps(rate, never),
    bucket: 'bucket',
    store: store as ObjectStore,
    prefixRoot: 'setlist/',
    pollEveryMs: 1,
    draining: never,
    onPollFailed,
  });
  return { made, pages, rate };
}

test('an awaited task is found on its page, and no page is read beyond it', async () => {
  const { made, pages } = tasksOf(all);
  expect((await made.ended('task-850', () => false)).taskId).toBe('task-850');
  expect(pages.read).toBe(2);
});

const denied = new CallFailed({ from: 'provider', code: 'AccessDeniedException', message: 'not you' });
const notAtOnce = (_failure: unknown, forMs: number): boolean => forMs > 0;

test('a failure to list tasks is told once until they can be listed, and a wait that it ends may be billed', async () => {
  const told: unknown[] = [];
  const { made, rate } = tasksOf(all, {}, (error) => told.push(error));
  const { acquire } = rate;
  for (const times of [1, 2]) {
    rate.acquire = () => Promise.reject(denied);
    const unseen = { code: denied.code, failure: { billed: true, isLookUp: true } };
    await expect(made.ended('task-850', notAtOnce)).rejects.toMatchObject(unseen);
    expect(told).toHaveLength(times);
    rate.acquire = acquire;
    expect((await made.ended('task-850', notAtOnce)).taskId).toBe('task-850');
  }
});

test('a list that can’t be read to its end ends no wait for a task on an earlier page', async () => {
  const tasks = [task(1_001, { status: 'inProgress' }), ...all];
  const { made, rate } = tasksOf(tasks, {}, () => undefined);
  let pages = 0;
  rate.acquire = async () => {
    if (++pages % 2 === 0) throw denied;
    return true;
  };
  const early = made.ended('task-1001', notAtOnce);
  await expect(made.ended('task-850', notAtOnce)).rejects.toThrow('not you');
  tasks[0] = task(1_001);
  expect((await early).status).toBe('completed');
});

test('a lost task is found by its prefix, whether it has ended or not, unless it failed or is spent', async () => {
  const { made, pages } = tasksOf([task(1_002, { status: 'inProgress' }), ...all]);
  const find = (number: number, except: readonly string[] = []) =>
    made.find(`setlist/${number}`, new Set(except));
  expect((await find(1_002))?.taskId).toBe('task-1002');
  expect(pages.read).toBe(1);
  expect(await find(1_000, ['task-1000'])).toBeUndefined();
  expect(await tasksOf([task(7, { status: 'failed' })]).made.find('setlist/7', new Set())).toBe(undefined);
});

test('a lost task with a known id is looked up by its id, unless it failed, is spent, or is forgotten', async () => {
  const { made, pages } = tasksOf([task(1_001, { status: 'failed' }), ...all]);
  const find = (taskId: string, except: readonly string[] = []) =>
    made.findKnown({ taskId, keyPrefix: 'setlist/1' }, new Set(except));
  expect((await find('task-1'))?.taskId).toBe('task-1');
  expect(pages.read, 'one look-up, from the same quota as the list').toBe(1);
  expect(await find('task-1001')).toBeUndefined();
  expect(await find('task-1', ['task-1'])).toBeUndefined();
  expect(await find('task-2000')).toBeUndefined();
});

test('simultaneous searches share one reading of the list, no further than any of them needs', async () => {
  const { made, pages } = tasksOf(all);
  const find = (number: number) => made.find(`setlist/${number}`, new Set());
  const found = await Promise.all([find(950), find(850), find(840), find(950)]);
  expect(found.map((each) => each?.taskId)).toEqual(['task-950', 'task-850', 'task-840', 'task-950']);
  // The first search began before the others.
  expect(pages.read).toBe(1 + 2);
  await new Promise((resolve) => setImmediate(resolve));
  const later = await Promise.all([find(1), find(0), find(999)]);
  expect(later.map((each) => each?.taskId)).toEqual(['task-1', undefined, 'task-999']);
  expect(pages.read).toBe(3 + 10 + 10);
});

test('a list that can’t be read fails all searches, and the next search reads it again', async () => {
  const { made, pages, rate } = tasksOf(all);
  const find = () => made.find('setlist/1', new Set());
  const { acquire } = rate;
  rate.acquire = () => Promise.reject(new Error('no page'));
  const failed = await Promise.allSettled([find(), find()]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  rate.acquire = acquire;
  expect((await find())?.taskId).toBe('task-1');
  expect(pages.read).toBe(10);
});

test('audio of a lost task is never a spent task’s, nor another’s where the id is known', async () => {
  const key = (taskId: string): string => `setlist/abc.${taskId}.mp3`;
  const store: Pick<ObjectStore, 'list'> = {
    async *list() {
      for (const taskId of ['old', 'new'])
        yield { key: key(taskId), bytes: 9, modified: new Date(), version: taskId };
    },
  };
  const { made } = tasksOf([], store);
  const lost = { keyPrefix: 'setlist/abc' };
  expect(await made.findAudio(lost, new Set(['old']))).toEqual({ taskId: 'new', taskKey: key('new') });
  expect(await made.findAudio({ ...lost, taskId: 'new' }, new Set())).toEqual({
    taskId: 'new',
    taskKey: key('new'),
  });
  expect(await made.findAudio({ ...lost, taskId: 'not yet' }, new Set())).toBeUndefined();
});

/** A store with one object of so many bytes, which is read in these pieces. */
const storeWith = (bytes: number, ...pieces: string[]): Partial<ObjectStore> => ({
  head: async () => ({ bytes, modified: new Date(), version: '1' }),
  async *read() {
    for (const piece of pieces) yield Buffer.from(piece);
  },
  locate: (key) => `s3://bucket/${key}`,
});

const anyRoom = async (): Promise<void> => undefined;

test('a task’s audio is read whole, and none that grows meanwhile', async () => {
  const fetched = (bytes: number) =>
    tasksOf([], storeWith(bytes, 'all ', 'of it')).made.audioOf(task(1), anyRoom);
  expect(String((await fetched(9)).audio)).toBe('all of it');
  await expect(fetched(8)).rejects.toMatchObject({ code: 'unavailable' });
});

test('audio of more than 1 GiB is not read, and fails for good, as billed', async () => {
  const { made } = tasksOf([], { ...storeWith(1024 ** 3 + 1), read: undefined as never });
  await expect(made.audioOf(task(1, { billedCharacters: 4_000 }), anyRoom)).rejects.toMatchObject({
    failure: {
      from: 'audio',
      code: 'audio-too-large',
      retryable: false,
      billed: true,
      billedCharacters: 4_000,
    },
  });
});

test('memory has room for the audio of four tasks, of fewer where it is large, and of the largest alone', async () => {
  const room = new AudioRoom();
  const taken: number[] = [];
  const take = async (megabytes: number): Promise<Disposable> => {
    const place = await room.take(megabytes * 1_000_000, never);
    taken.push(megabytes);
    return place;
  };
  const giveBack = async (place: Promise<Disposable> | undefined): Promise<void> => {
    (await place)?.[Symbol.dispose]();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const places = [1, 100, 60, 1_000, 2].map(take);
  await giveBack(places[0]);
  await giveBack(places[2]);
  expect(taken).toEqual([1, 100, 60]);
  await giveBack(places[1]);
  expect(taken).toEqual([1, 100, 60, 1_000]);
  await giveBack(places[3]);
  expect(taken).toEqual([1, 100, 60, 1_000, 2]);
});
