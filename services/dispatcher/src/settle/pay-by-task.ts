/** Paying for a long text by an asynchronous task, which is found again after any crash and never started twice. */
import { sleep } from '@setlist/runtime';
import { StoreError } from '@setlist/storage';
import { CallFailed, storeFailure } from '../adapters/failures.ts';
import type { SpeechTask } from '../adapters/polly-speech.ts';
import { taskKeyPrefix } from '../domain/sound-life.ts';
import type { HeldClaim } from '../ledger.ts';
import type { TaskDesk } from '../tasks/task-desk.ts';
import type { Desk } from './desk.ts';
import { fail, whileStoreRecovers } from './outcome.ts';
import { afterFailure, claimHoldMs, type Got, keep, leftBehind, type Paid, type Turn } from './pay.ts';

/** How long a claim with a task holds; taking it over only means to watch the same task. */
const TASK_HOLD_MS = 300_000;
/** How often, and how far apart, a task is looked for whose start may have been accepted without our knowing. */
const SEARCHES = 3;
const SEARCH_EVERY_MS = 1_000;

/** Takes one turn: claims the sound and gets it by a task, its own or one that was left behind. */
export async function payByTask(desk: Desk, turn: Turn): Promise<Paid> {
  const { item, right } = turn;
  const tasks = desk.tasksOf(item.request.sound.provider);
  if (!tasks) return refuseWithoutBucket(desk, turn);
  const keyPrefix = taskKeyPrefix(tasks.options.prefixRoot, item.request.hash);
  const terms = { for: item.is, operation: 'task', holdMs: claimHoldMs(desk), keyPrefix } as const;
  const claim = await desk.ledger.claim(item.request.hash, right, terms);
  if (!claim) {
    turn.admission[Symbol.dispose]();
    return { kind: 'again', inMs: 0 };
  }
  item.tries++;
  item.triedSince ??= desk.log.clock.now();
  try {
    const left = (await leftBehind(desk, turn)) ?? (await lostAudio(desk, tasks, turn));
    if (left) return await keep(desk, { item, claim, ...left });
    return await byTask(desk, { tasks, turn, claim, keyPrefix });
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return await afterFailure(desk, turn, { claim, failure: error.failure });
  } finally {
    turn.admission[Symbol.dispose]();
  }
}

async function refuseWithoutBucket(desk: Desk, { item, admission }: Turn): Promise<Paid> {
  admission[Symbol.dispose]();
  await fail(desk, item, {
    code: 'no-task-bucket',
    message: 'the text is longer than one call takes, and no bucket is set for tasks',
    remedy:
      'Set TASK_BUCKET and TASK_STORE for the dispatcher, or split the text; then submit the set again.',
  });
  return { kind: 'settled' };
}

interface TaskJob {
  readonly tasks: TaskDesk;
  readonly turn: Turn;
  readonly claim: HeldClaim;
  readonly keyPrefix: string;
}

async function byTask(desk: Desk, job: TaskJob): Promise<Paid> {
  const { tasks, turn, keyPrefix } = job;
  const { item } = turn;
  const lost = turn.right.lost ? await tasks.find(turn.right.lost.keyPrefix, desk.draining) : undefined;
  const task = lost ?? (await start(desk, job));
  turn.admission[Symbol.dispose]();
  const noted = { taskId: task.taskId, keyPrefix, holdMs: TASK_HOLD_MS };
  // Where the claim was taken over meanwhile, the other one adopts this very task: watch it all the same.
  const claim = (await desk.ledger.taskStarted(job.claim, noted)) ?? job.claim;
  const ended = await tasks.ended(task.taskId, desk.draining);
  if (ended.status === 'failed') {
    const message = ended.statusReason ?? 'the task failed and the provider gave no reason';
    return afterFailure(desk, turn, { claim, failure: { from: 'provider', code: 'task-failed', message } });
  }
  const { key, audio } = await whileStoreRecovers(desk, () => tasks.audioOf(ended)).catch(
    (error: unknown) => {
      if (!(error instanceof StoreError)) throw error;
      throw new CallFailed({ ...storeFailure(error), billed: true }, error);
    },
  );
  const { billedCharacters = item.request.billedCharacters, taskId } = ended;
  const how = lost ? 'recovered' : 'task';
  const paid = await keep(desk, { item, claim, audio, how, taskId, billedCharacters });
  await tasks.options.store.delete(key);
  return paid;
}

/** Starts the task. A start without an answer may have been accepted: the task is looked for, never sent again. */
async function start(desk: Desk, { tasks, turn, keyPrefix }: TaskJob): Promise<SpeechTask> {
  const { provider, bucket } = tasks.options;
  try {
    return await provider.startTask(turn.item.request.sound, { bucket, keyPrefix });
  } catch (error) {
    if (!(error instanceof CallFailed) || error.failure.from !== 'network') throw error;
    for (let search = 0; search < SEARCHES; search++) {
      const found = await tasks.find(keyPrefix, desk.draining);
      if (found) return found;
      await sleep(SEARCH_EVERY_MS, desk.draining);
    }
    // Listed in vain: it was never accepted, so nothing was billed.
    throw new CallFailed({ ...error.failure, billed: false }, error);
  }
}

/** Audio of a lost task that the provider no longer lists. */
async function lostAudio(desk: Desk, tasks: TaskDesk, { item, right }: Turn): Promise<Got | undefined> {
  const { lost } = right;
  if (!lost) return undefined;
  const audio = await whileStoreRecovers(desk, async () => {
    const key = await tasks.findAudio(lost.keyPrefix);
    return key === undefined ? undefined : tasks.options.store.get(key);
  });
  return audio && { audio, billedCharacters: item.request.billedCharacters, how: 'recovered' };
}
