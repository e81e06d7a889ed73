/** What becomes of an item whose task runs for longer than failed tries are repeated, and then brings nothing. */
import type { Work } from '@setlist/eventlog';
import { RIGHT_TO_NEW } from '@setlist/sounds';
import { StoreError } from '@setlist/storage';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import type { Failure } from '../domain/classify.ts';
import type { IsEnough } from '../tasks/tasks.ts';
import type { SettleDeps } from './deps.ts';
import { itemOf } from './item.ts';
import { payByTask } from './pay-by-task.ts';
import { storeLines } from './store-line.ts';
import type { Turn } from './turn.ts';

const RETRY_FOR_MS = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What follows for an item whose task's wait ends like this, if no audio is there yet. */
async function after(ended: (isEnough: IsEnough) => { taskId: string; status: string }) {
  const sound = { provider: 'local', format: 'mp3', lexicons: [] };
  const asked = { index: 0, attempt: 1, lane: 'neural', file: 'a.mp3', hash: 'a'.repeat(64) };
  const data = { ...asked, operation: 'task', billedCharacters: 1, sound };
  const work = { record: { event: { id: 'request', setId: 'a-set', data } }, done: vi.fn() };
  const item = itemOf(work as unknown as Work, { output: 'file:///out', bothPaths: false });
  const absent = new StoreError('not-found', 'There is no file.', { remedy: 'Look for it.' });
  const logger = { warn: vi.fn(), debug: vi.fn() };
  const provider = { startTask: async () => ({ taskId: 'task-1' }) };
  const tasks = {
    options: { provider, bucket: 'a-bucket', prefixRoot: 'setlist/', store: {} },
    ended: async (_: string, isEnough: IsEnough) => ended(isEnough),
    audioOf: () => Promise.reject(absent),
  };
  const claim = { ordinal: 1, right: RIGHT_TO_NEW, for: item.is, until: 0, operation: 'task' };
  const ledger = {
    claim: async () => claim,
    msLeft: () => RETRY_FOR_MS,
    taskStarted: async () => claim,
    readAnew: async () => ({ kind: 'claimed' }),
    freed: async () => undefined,
  };
  const deps = {
    ...{ ledger, logger, store: {}, tasksOf: () => tasks, lineOf: storeLines(logger as never) },
    log: { clock: { now: () => 0 }, append: async () => ({ kind: 'conflict' }) },
    limits: { callTimeoutMs: 1_000, retryForMs: RETRY_FOR_MS },
    draining: new AbortController().signal,
  };
  const admission = { moment: async () => true, [Symbol.dispose]: () => undefined };
  const given = { item, admission, right: RIGHT_TO_NEW, operation: 'task' };
  const turn = { ...given, isWanted: () => true, taskEnded: () => undefined };
  const { kind } = await payByTask(deps as unknown as SettleDeps, turn as unknown as Turn);
  return { kind, lastReason: item.lastReason?.code };
}

const NO_ANSWER = {
  from: 'network',
  code: 'no-answer',
  message: 'no answer came',
} as const satisfies Failure;

test('an item is tried again if its task ran for long, and its audio is missing or the task is lost', async () => {
  const completed = await after(() => {
    vi.advanceTimersByTime(2 * RETRY_FOR_MS);
    return { taskId: 'task-1', status: 'completed' };
  });
  expect(completed).toEqual({ kind: 'again', lastReason: 'task-audio-missing' });
  const lost = await after(() => {
    vi.advanceTimersByTime(2 * RETRY_FOR_MS);
    throw new CallFailed({ ...NO_ANSWER, code: 'task-lost', billed: true });
  });
  expect(lost).toEqual({ kind: 'again', lastReason: 'task-lost' });
});

test.each([
  [RETRY_FOR_MS / 2, 'again'],
  [RETRY_FOR_MS + 1, 'settled'],
])(
  'of a long task, only the time counts for which it could not be listed: after %i ms: %s',
  async (forMs, kind) => {
    const unlisted = await after((isEnough) => {
      vi.advanceTimersByTime(2 * RETRY_FOR_MS);
      expect(isEnough(NO_ANSWER, forMs)).toBe(kind === 'settled');
      if (kind === 'settled') throw new CallFailed({ ...NO_ANSWER, billed: true });
      return { taskId: 'task-1', status: 'completed' };
    });
    expect(unlisted.kind).toBe(kind);
  },
);
