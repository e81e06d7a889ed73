/** Pays for a sound with an asynchronous task, which is found again after any crash and never started twice. */
import { sleep } from '@setlist/runtime';
import { taskKeyPrefix } from '@setlist/sounds';
import { StoreError } from '@setlist/storage';
import { CallFailed, storeFailure } from '../adapters/failures.ts';
import { rpcOf } from '../adapters/measured-call.ts';
import type { SpeechTask } from '../adapters/polly-speech.ts';
import { classify, type Failure } from '../domain/classify.ts';
import type { ClaimLease } from '../ledger/claim-lease.ts';
import type { Room } from '../tasks/task-audio.ts';
import type { IsEnough, Tasks } from '../tasks/tasks.ts';
import { afterError } from './after-failure.ts';
import { throwIfChanged } from './check-lexicons.ts';
import { claimed, claimLeaseOf } from './claim.ts';
import type { SettleDeps } from './deps.ts';
import { beginTry, type Item, isPastDeadline, LATE_LOOKS_MS } from './item.ts';
import { keepLeftBehind } from './keep.ts';
import { type Fetched, keepFetched } from './keep-fetched.ts';
import { keepLost } from './keep-lost.ts';
import { mayCall, notCalled } from './may-call.ts';
import { fail } from './outcome.ts';
import { AGAIN_NOW, OUTRUN, type Paid, type Turn } from './turn.ts';

/**
 * How long to keep looking for a task after it may have been started, and how often, in ms: the provider's list may lag
 * by a second or two.
 */
const LISTED_WITHIN_MS = 2_000;
const SEARCH_EVERY_MS = 1_000;

/** Takes one turn: claims the sound and gets it with a task, either a new one or one that was left behind. */
export async function payByTask(deps: SettleDeps, turn: Turn): Promise<Paid> {
  const { item } = turn;
  const tasks = deps.tasksOf(item.request.sound.provider);
  if (!tasks) return refuseWithoutBucket(deps, turn);
  const keyPrefix = taskKeyPrefix(tasks.options.prefixRoot, item.request.hash);
  const claim = await claimed(deps, turn, { operation: 'task', keyPrefix });
  if (!claim) return OUTRUN;
  beginTry(item);
  const lease = claimLeaseOf(deps, claim);
  try {
    // Stored audio is also in the bucket until it is noted, and its key there names its task: so look there first.
    const lost = turn.right.lost && (await keepLost(deps, { tasks, turn, lease, lost: turn.right.lost }));
    if (lost) return lost;
    const left = await keepLeftBehind(deps, { turn, lease });
    if (left) return left;
    return await byTask(deps, { tasks, turn, lease, keyPrefix });
  } catch (error) {
    return await afterError(deps, turn, { lease, error });
  } finally {
    await lease.end();
  }
}

async function refuseWithoutBucket(deps: SettleDeps, { item }: Turn): Promise<Paid> {
  await fail(deps, item, {
    code: 'no-task-bucket',
    message: 'the text is too long for one call, and no bucket is set for tasks',
    remedy:
      'Set TASK_BUCKET and TASK_STORE for the dispatcher, or split the text; then submit the set again.',
  });
  return { kind: 'settled' };
}

interface TaskStart {
  readonly tasks: Tasks;
  readonly turn: Turn;
  readonly keyPrefix: string;
}

interface TaskJob extends TaskStart {
  readonly lease: ClaimLease;
}

async function byTask(deps: SettleDeps, job: TaskJob): Promise<Paid> {
  const { tasks, turn, lease, keyPrefix } = job;
  const { item } = turn;
  // What an earlier claim left may have been looked for until its store was back, which doesn't count as trying.
  item.triedAt = performance.now();
  const lost = await lostTask(deps, job);
  if (!lost) throwIfChanged(item);
  if (!lost && !(await mayCall(deps, turn, lease))) return notCalled(deps, lease);
  const task = lost ?? (await start(deps, job));
  turn.admission[Symbol.dispose]();
  // If the claim was taken over meanwhile, the new holder adopts this task: watch it anyway.
  await lease.taskStarted({ taskId: task.taskId, keyPrefix });
  const how = lost ? 'recovered' : 'task';
  let ended: SpeechTask;
  try {
    ended = await endOf(deps, job, task.taskId);
  } catch (error) {
    if (!isUnlisted(item, error)) throw error;
    const { taskId } = task;
    const inBucket = await keepLost(deps, { tasks, turn, lease, lost: { keyPrefix, taskId }, how });
    if (inBucket) return inBucket;
    // Another dispatcher that took the claim over may have kept the audio.
    if ((await deps.ledger.readAnew(item.request.hash)).kind === 'paid') return AGAIN_NOW;
    throw error;
  }
  if (!lost && ended.status !== 'failed') turn.taskEnded();
  const { billedCharacters = item.request.billedCharacters, taskId } = ended;
  const fetch = async (room: Room): Promise<Fetched | undefined> => {
    const fetched = await fetchAudio(deps, tasks, { ended, item, room });
    return fetched && { ...fetched, how, taskId, billedCharacters };
  };
  return (await keepFetched(deps, job, fetch)) ?? AGAIN_NOW;
}

/** Whether the wait for a task ended because it could not be listed, other than by a refusal. */
const isUnlisted = ({ inVain }: Item, error: unknown): boolean =>
  error instanceof CallFailed &&
  error.failure.isLookUp === true &&
  classify(error.failure, inVain).kind === 'retry';

/** Waits for a task to end. Not its own time counts as tried in vain, but that for which it could not be listed. */
async function endOf(deps: SettleDeps, { tasks, turn }: TaskJob, taskId: string): Promise<SpeechTask> {
  const { item } = turn;
  let failedForMs = 0;
  // A refusal that lasts is enough the second time; other failures once nothing more is tried for the item.
  const isEnough: IsEnough = (failure, forMs) => {
    failedForMs = forMs;
    const verdict = classify(failure, item.inVain);
    if (verdict.kind === 'fail') return forMs > 0;
    if (item.terms.deadline !== undefined) return isPastDeadline(deps, item) && forMs > LATE_LOOKS_MS;
    return !verdict.throttled && forMs > deps.limits.retryForMs;
  };
  try {
    return await item.step.run('await task', () => tasks.ended(taskId, isEnough));
  } finally {
    item.triedAt = performance.now() - failedForMs;
  }
}

/**
 * A task that an earlier claim may have started: the one with the known id, or any that is listed under its prefix. A
 * task that was paid for belongs to an earlier recording.
 */
async function lostTask(deps: SettleDeps, { tasks, turn }: TaskJob): Promise<SpeechTask | undefined> {
  const { lost, leftAt = 0 } = turn.right;
  if (!lost) return undefined;
  const except = await spentTasks(deps, turn.item);
  const look = async () =>
    (await tasks.findKnown(lost, except)) ?? (await tasks.find(lost.keyPrefix, except));
  return lookedFor(deps, leftAt + LISTED_WITHIN_MS - deps.log.clock.now(), look);
}

/** Looks at once, then repeatedly for `forMs`, at most {@link LISTED_WITHIN_MS}, with a last look at the end. */
async function lookedFor(
  deps: SettleDeps,
  forMs: number,
  look: () => Promise<SpeechTask | undefined>,
): Promise<SpeechTask | undefined> {
  const until = performance.now() + Math.min(forMs, LISTED_WITHIN_MS);
  for (;;) {
    const leftMs = until - performance.now();
    const found = await look();
    if (found || leftMs <= 0) return found;
    await sleep(Math.min(leftMs, SEARCH_EVERY_MS), deps.draining);
  }
}

const spentTasks = async (deps: SettleDeps, { request }: Item): Promise<ReadonlySet<string | undefined>> =>
  (await deps.ledger.past(request.hash)).spentTasks;

/** @returns undefined if another dispatcher that watched the same task was quicker, so that the sound is paid */
async function fetchAudio(
  deps: SettleDeps,
  tasks: Tasks,
  { ended, item, room }: { ended: SpeechTask; item: Item; room: Room },
): Promise<{ key: string; audio: Uint8Array } | undefined> {
  if (ended.status === 'failed') {
    const message = ended.statusReason ?? 'the task failed and the provider gave no reason';
    throw new CallFailed({ from: 'provider', code: 'task-failed', message });
  }
  const bucket = deps.lineOf(tasks.options.store);
  try {
    const fetched = await tasks.audioOf(ended, room);
    bucket.fixed(MISSING);
    return fetched;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code === 'invalid-key') throw new CallFailed({ ...storeFailure(error), billed: true }, error);
    if (error.code !== 'not-found') throw error;
    if ((await deps.ledger.readAnew(item.request.hash)).kind === 'paid') return undefined;
    const missing = { ...AUDIO_MISSING, message: `the task has ended; ${error.message}` };
    const failed = new CallFailed(missing, error);
    if (item.lastReason?.code !== failed.code) bucket.warnOnce(failed, MISSING, item.is);
    throw failed;
  }
}

const MISSING = 'a paid task’s audio is not in its bucket; it will be looked for again';

/** Missing audio may still come, so this is retried for as long as any failing item. */
const AUDIO_MISSING = {
  from: 'network',
  code: 'task-audio-missing',
  remedy:
    'Check that TASK_STORE is the bucket that TASK_BUCKET names, and that nothing there removes new objects.',
  billed: true,
} as const satisfies Omit<Failure, 'message'>;

/**
 * Starts the task. A start without an answer, or with a server error, may have been accepted: the task is looked for,
 * and a later try starts it again only if it is not found.
 */
async function start(deps: SettleDeps, { tasks, turn, keyPrefix }: TaskStart): Promise<SpeechTask> {
  const { provider, bucket, topicArn } = tasks.options;
  const output = { bucket, keyPrefix, ...(topicArn === undefined ? {} : { topicArn }) };
  try {
    const { step, request } = turn.item;
    const call = () => provider.startTask(request.sound, output);
    return await step.run('call provider', call, rpcOf('StartSpeechSynthesisTask'));
  } catch (error) {
    if (!(error instanceof CallFailed) || !mayBeAccepted(error.failure)) throw error;
    const found = await search(deps, { tasks, turn, keyPrefix }).catch((searching: unknown) => {
      if (!(searching instanceof CallFailed)) throw searching;
      // Unknown: the next try, by any dispatcher, has to look for the task before it starts one.
      throw new CallFailed({ ...error.failure, billed: true }, error);
    });
    // The task is not listed: it was never accepted, so nothing was billed.
    if (!found) throw new CallFailed({ ...error.failure, billed: false }, error);
    return found;
  }
}

async function search(
  deps: SettleDeps,
  { tasks, turn, keyPrefix }: TaskStart,
): Promise<SpeechTask | undefined> {
  const except = await spentTasks(deps, turn.item);
  return lookedFor(deps, LISTED_WITHIN_MS, () => tasks.find(keyPrefix, except));
}

const mayBeAccepted = ({ from, status = 0 }: Failure): boolean => from === 'network' || status >= 500;
