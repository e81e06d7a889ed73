/** What becomes of an item whose task runs for longer than failed tries are repeated, and then brings nothing. */
import type { Work } from '@setlist/eventlog';
import { type ClaimRight, type LostTask, type PaidSound, RIGHT_TO_NEW } from '@setlist/sounds';
import { StoreError } from '@setlist/storage';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import type { Failure } from '../domain/classify.ts';
import type { Room } from '../tasks/task-audio.ts';
import type { IsEnough } from '../tasks/tasks.ts';
import type { SettleDeps } from './deps.ts';
import { itemOf } from './item.ts';
import { payByTask } from './pay-by-task.ts';
import { storeLines } from './store-line.ts';
import type { Turn } from './turn.ts';

const RETRY_FOR_MS = 60_000;

const logger = { warn: vi.fn(), debug: vi.fn(), info: vi.fn() };
const LINES = storeLines(logger as never);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ABSENT = new StoreError('not-found', 'There is no file.', { remedy: 'Look for it.' });
const COMPLETED = { taskId: 'task-1', status: 'completed' };

interface Given {
  readonly right?: ClaimRight;
  /** The store of paid audio, where an earlier claim may have left some. */
  readonly store?: object;
  readonly audioOf?: (room: Room) => Promise<never>;
  readonly find?: () => Promise<never>;
  /** What the bucket has of a lost task. */
  readonly findAudio?: (lost: LostTask) => Promise<{ taskId: string; taskKey: string } | undefined>;
  readonly ledger?: object;
}

/** What follows for an item whose task's wait ends like this, if no audio is there yet. */
async function after(
  ended: (isEnough: IsEnough) => { taskId: string; status: string },
  { right = RIGHT_TO_NEW, store = {}, audioOf = () => Promise.reject(ABSENT), ...given }: Given = {},
) {
  const { find, findAudio = async () => undefined } = given;
  const sound = { provider: 'local', format: 'mulaw', sampleRate: 8_000, lexicons: [] };
  const asked = { index: 0, attempt: 1, lane: 'neural', file: 'a.mp3', hash: 'a'.repeat(64) };
  const data = { ...asked, operation: 'task', billedCharacters: 1, sound };
  const work = { record: { event: { id: 'request', setId: 'a-set', data } }, done: vi.fn() };
  const item = itemOf(work as unknown as Work, { output: 'file:///out', bothPaths: false });
  const provider = { startTask: async () => ({ taskId: 'task-1' }) };
  const tasks = {
    options: {
      provider,
      bucket: 'a-bucket',
      prefixRoot: 'setlist/',
      store: { delete: async () => undefined },
    },
    ended: async (_: string, isEnough: IsEnough) => ended(isEnough),
    audioOf: (_: object, room: Room) => audioOf(room),
    findAudio,
    audioAt: async () => new Uint8Array(8_000),
    findKnown: async () => undefined,
    find,
  };
  const claim = { ordinal: 1, right, for: item.is, until: 0, operation: 'task' };
  const ledger = {
    claim: async () => claim,
    msLeft: () => RETRY_FOR_MS,
    taskStarted: async () => claim,
    readAnew: async () => ({ kind: 'claimed' }),
    past: async () => ({ spentTasks: new Set(), attempts: [] }),
    freed: async () => undefined,
    ...given.ledger,
  };
  const deps = {
    ...{ ledger, logger, store, tasksOf: () => tasks, lineOf: LINES },
    log: { clock: { now: () => 0 }, append: async () => ({ kind: 'conflict' }) },
    limits: { callTimeoutMs: 1_000, retryForMs: RETRY_FOR_MS },
    draining: new AbortController().signal,
  };
  const admission = { moment: async () => true, [Symbol.dispose]: () => undefined };
  const its = { item, admission, right, operation: 'task' };
  const turn = { ...its, isWanted: () => true, taskEnded: () => undefined };
  const { kind } = await payByTask(deps as unknown as SettleDeps, turn as unknown as Turn);
  return { kind, lastReason: item.lastReason?.code };
}

const NO_ANSWER = {
  from: 'network',
  code: 'no-answer',
  message: 'no answer came',
} as const satisfies Failure;
const UNLISTED = new CallFailed({ ...NO_ANSWER, billed: true, isLookUp: true });

test('an item is tried again if its task ran for long, and its audio is missing or the task is lost', async () => {
  const completed = await after(() => {
    vi.advanceTimersByTime(2 * RETRY_FOR_MS);
    return COMPLETED;
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
      if (kind === 'settled') throw UNLISTED;
      return COMPLETED;
    });
    expect(unlisted.kind).toBe(kind);
  },
);

describe('an item whose task can’t be listed for RETRY_FOR', () => {
  const unlisted = () => {
    vi.advanceTimersByTime(RETRY_FOR_MS + 1);
    throw UNLISTED;
  };
  const lost = { keyPrefix: `setlist/${'a'.repeat(64)}`, taskId: 'task-1' };

  const AFTER_A_CALL: ClaimRight = { expectedSeq: 3, ordinal: 2, expired: 0, because: 'cut' };

  test.each([
    [RIGHT_TO_NEW, undefined],
    [AFTER_A_CALL, { because: 'cut' }],
  ])('gets its audio from the bucket, paid under its own claim: %o', async (right, repaid) => {
    const noted: PaidSound[] = [];
    const freed = vi.fn();
    const ledger = {
      freed,
      // Another's payment stands, so this one's audio is not delivered.
      paid: async (_: unknown, paid: PaidSound) => {
        noted.push(paid);
        return { ...paid, by: 'another', sha256: 'b'.repeat(64) };
      },
    };
    const findAudio = vi.fn(async () => ({ taskId: lost.taskId, taskKey: `${lost.keyPrefix}.task-1.mulaw` }));
    const store = { put: async () => undefined };
    await after(unlisted, { right, ledger, findAudio, store });
    expect(findAudio).toHaveBeenCalledExactlyOnceWith(lost, new Set());
    expect(noted).toMatchObject([{ claim: 1, how: 'task', taskId: lost.taskId }]);
    expect(noted[0]?.repaid).toEqual(repaid);
    expect(freed).not.toHaveBeenCalled();
  });

  test('is given up once the bucket can be read and has none, and its task stays known', async () => {
    const freed = vi.fn();
    const findAudio = vi
      .fn<() => Promise<undefined>>(async () => undefined)
      .mockRejectedValueOnce(new StoreError('unavailable', 'It is away.', { remedy: 'Wait.' }));
    const givenUp = after(unlisted, { ledger: { freed }, findAudio });
    while (findAudio.mock.calls.length < 2) await vi.advanceTimersByTimeAsync(1_000);
    expect((await givenUp).kind).toBe('settled');
    const left = { billed: true, lost };
    expect(freed.mock.calls).toMatchObject([[{}, { code: NO_ANSWER.code }, left]]);
  });

  test('gets the audio that another dispatcher has kept meanwhile', async () => {
    const ledger = { readAnew: async () => ({ kind: 'paid' }) };
    expect(await after(unlisted, { ledger }), 'no failed try').toEqual({ kind: 'again' });
  });
});

describe('an item whose task’s audio is missing is tried again', () => {
  const away = new StoreError('unavailable', 'It is away.', { remedy: 'Wait.' });
  const MISSING = { kind: 'again', lastReason: 'task-audio-missing' };

  test('after its bucket could not be read for long', async () => {
    let tries = 0;
    const audioOf = async () => {
      if (++tries > 1) throw ABSENT;
      vi.advanceTimersByTime(2 * RETRY_FOR_MS);
      throw away;
    };
    const tried = after(() => COMPLETED, { audioOf });
    while (tries < 2) await vi.advanceTimersByTimeAsync(1_000);
    expect(await tried).toEqual(MISSING);
  });

  test('after memory had no room for long', async () => {
    const store = {};
    const { memory } = LINES(store as never);
    using held = new DisposableStack();
    held.use(await memory.take(Number.MAX_SAFE_INTEGER, new AbortController().signal));
    const audioOf = async (room: Room) => {
      const taken = room(1);
      vi.advanceTimersByTime(2 * RETRY_FOR_MS);
      held.dispose();
      await taken;
      throw ABSENT;
    };
    expect(await after(() => COMPLETED, { store, audioOf })).toEqual(MISSING);
  });
});

test('an item whose lost task can’t be looked for is tried again, after the store was away for long', async () => {
  let looks = 0;
  const store = {
    head: async () => {
      if (++looks > 1) return undefined;
      vi.advanceTimersByTime(2 * RETRY_FOR_MS);
      throw new StoreError('unavailable', 'It is away.', { remedy: 'Wait.' });
    },
    get: () => Promise.reject(ABSENT),
  };
  const right: ClaimRight = {
    ...{ expectedSeq: 1, ordinal: 2, expired: 1, because: 'expired' },
    ...{ lost: { keyPrefix: 'setlist/' }, leftAt: 0 },
  };
  const find = () => Promise.reject(new CallFailed({ ...NO_ANSWER, isLookUp: true }));
  const tried = after(() => COMPLETED, { right, store, find });
  while (looks < 2) await vi.advanceTimersByTimeAsync(1_000);
  expect(await tried).toEqual({ kind: 'again', lastReason: 'no-answer' });
});
