/** Asynchronous tasks of one provider: found again by a key prefix that names the sound, and watched by one poller. */
import { addAbortListener } from 'node:events';
import { sleepAtMost } from '@setlist/runtime';
import type { LostTask } from '@setlist/sounds';
import type { ObjectStore } from '@setlist/storage';
import { CallFailed } from '../adapters/failures.ts';
import type { SpeechProvider, SpeechTask } from '../adapters/polly-speech.ts';
import type { Failure } from '../domain/classify.ts';
import type { LookUps } from '../quota/look-ups.ts';
import { keyIn, type Room, taskAudio } from './task-audio.ts';
import { TaskSearch } from './task-search.ts';

export interface TasksOptions {
  readonly provider: SpeechProvider;
  readonly lookUps: LookUps;
  /** The bucket's name, as given to the provider. */
  readonly bucket: string;
  /** The same bucket as a store, which we read. */
  readonly store: ObjectStore;
  /** What precedes the hash in every key prefix. */
  readonly prefixRoot: string;
  /** The topic that the provider notifies when a task ends. */
  readonly topicArn?: string;
  readonly pollEveryMs: number;
  /** Ends every wait when the service drains. */
  readonly draining: AbortSignal;
  /** Called with the first failure to list tasks, and again only after they could be listed. */
  readonly onPollFailed: (error: unknown) => void;
}

/** Ids of tasks that can bring nothing more. */
type Spent = ReadonlySet<string | undefined>;

const isUsable = ({ taskId, status }: SpeechTask, except: Spent): boolean =>
  !except.has(taskId) && status !== 'failed';

/**
 * Whether to wait for a task no longer, after a failure to list it.
 * @param forMs how long listing it has failed: 0 at the first of several failures in a row
 */
export type IsEnough = (failure: Failure, forMs: number) => boolean;

interface Waiting {
  settle(task: SpeechTask): void;
  lost(reason: CallFailed): void;
  readonly isEnough: IsEnough;
  /** When the first of several failed rounds in a row began, by `performance.now()`. */
  failedSince: number | undefined;
  /** How many rounds in a row the provider has not listed the task. */
  unlisted: number;
}

/** How many rounds in a row a task is unlisted before it counts as lost: a new task may be listed with a delay. */
const UNLISTED_BEFORE_LOST = 5;

/** Running tasks, and those that a dead dispatcher left behind. */
export class Tasks {
  readonly options: TasksOptions;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #task: (taskId: string) => Promise<SpeechTask>;
  /** Every task that the provider lists, from the newest page on. */
  readonly #list: () => AsyncIterable<SpeechTask>;
  readonly #search: TaskSearch;
  #polling = false;
  /** Whether the last round failed. */
  #isFailing = false;

  constructor(options: TasksOptions) {
    this.options = options;
    const { lookUps, provider } = options;
    this.#task = (taskId) => lookUps.one(() => provider.task(taskId));
    this.#list = () => lookUps.pages((start) => provider.listTasks(start));
    this.#search = new TaskSearch(this.#list);
  }

  /**
   * The first usable task in the provider's list with this key prefix in our bucket; undefined if there is none. Other
   * systems in the same account have tasks for the same sounds, elsewhere.
   */
  find(keyPrefix: string, except: Spent): Promise<SpeechTask | undefined> {
    const isWanted = (task: SpeechTask): boolean =>
      this.#keyOf(task)?.startsWith(`${keyPrefix}.${task.taskId}.`) === true && isUsable(task, except);
    return this.#search.first(isWanted);
  }

  /**
   * A lost task by its id, if that is known and the task writes to our bucket: the provider finds a task by its id before
   * it lists it.
   */
  async findKnown({ taskId }: LostTask, except: Spent): Promise<SpeechTask | undefined> {
    if (taskId === undefined || except.has(taskId)) return undefined;
    const task = await this.#task(taskId).catch((error: unknown) => {
      if (error instanceof CallFailed && error.code === 'SynthesisTaskNotFoundException') return undefined;
      throw error;
    });
    return task && this.#keyOf(task) !== undefined && isUsable(task, except) ? task : undefined;
  }

  /** Audio in the bucket from a lost task that the provider may have forgotten; of that very one if its id is known. */
  async findAudio(
    { keyPrefix, taskId: known }: LostTask,
    except: Spent,
  ): Promise<{ taskId: string; taskKey: string } | undefined> {
    for await (const { key: taskKey, bytes } of this.options.store.list(`${keyPrefix}.`)) {
      const [taskId = ''] = taskKey.slice(keyPrefix.length + 1).split('.');
      if (bytes > 0 && !except.has(taskId) && (known === undefined || known === taskId)) {
        return { taskId, taskKey };
      }
    }
    return undefined;
  }

  /**
   * Waits until the task has completed or failed.
   * @throws CallFailed if the provider no longer knows the task, or it can't be listed and that is enough; it may be
   * billed all the same. The signal's reason when the service drains
   */
  async ended(taskId: string, isEnough: IsEnough): Promise<SpeechTask> {
    const { draining } = this.options;
    draining.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<SpeechTask>();
    const waiting: Waiting = {
      ...{ settle: resolve, lost: reject, isEnough },
      ...{ failedSince: undefined, unlisted: 0 },
    };
    this.#waiting.set(taskId, [...(this.#waiting.get(taskId) ?? []), waiting]);
    using _stop = addAbortListener(draining, () => reject(draining.reason));
    void this.#poll();
    try {
      return await promise;
    } finally {
      this.#forget(taskId, waiting);
    }
  }

  /** A task's audio in the bucket. @throws CallFailed if it is too large; StoreError */
  audioAt(key: string, billedCharacters: number | undefined, room: Room): Promise<Uint8Array> {
    return taskAudio({ store: this.options.store, key, billedCharacters }, room);
  }

  /** The audio that a task wrote, as with `audioAt`. @throws CallFailed also if it is elsewhere */
  async audioOf(task: SpeechTask, room: Room): Promise<{ key: string; audio: Uint8Array }> {
    const { bucket } = this.options;
    const key = this.#keyOf(task);
    if (key !== undefined) return { key, audio: await this.audioAt(key, task.billedCharacters, room) };
    throw new CallFailed({
      from: 'provider',
      code: 'output-elsewhere',
      message: `the task wrote to ${task.outputUri}, not into the bucket ${bucket}`,
      billed: true,
    });
  }

  #keyOf({ outputUri }: SpeechTask): string | undefined {
    return keyIn(this.options.bucket, outputUri);
  }

  /**
   * Checks a task that is said to have ended: only the provider's answer counts. Does nothing if no item here waits for
   * the task.
   */
  async look(taskId: string): Promise<void> {
    if (!this.#waiting.has(taskId)) return;
    this.#seen(await this.#task(taskId));
  }

  #seen(task: SpeechTask): void {
    if (task.status !== 'completed' && task.status !== 'failed') return;
    const waiting = this.#waiting.get(task.taskId) ?? [];
    this.#waiting.delete(task.taskId);
    for (const { settle } of waiting) settle(task);
  }

  #forget(taskId: string, waiting: Waiting): void {
    const rest = (this.#waiting.get(taskId) ?? []).filter((other) => other !== waiting);
    if (rest.length > 0) this.#waiting.set(taskId, rest);
    else this.#waiting.delete(taskId);
  }

  /** One poller serves all waiting items: a page of the list holds a hundred tasks. */
  async #poll(): Promise<void> {
    if (this.#polling) return;
    const { draining, pollEveryMs } = this.options;
    this.#polling = true;
    try {
      while (this.#waiting.size > 0 && !draining.aborted) {
        await this.#round();
        await sleepAtMost(pollEveryMs, draining);
      }
    } finally {
      this.#polling = false;
    }
  }

  /** Reads the list no further than to the last awaited task. */
  async #round(): Promise<void> {
    const begun = performance.now();
    const unlisted = new Set(this.#waiting.keys());
    try {
      for await (const task of this.#list()) {
        unlisted.delete(task.taskId);
        for (const each of this.#waiting.get(task.taskId) ?? []) {
          each.unlisted = 0;
          each.failedSince = undefined;
        }
        this.#seen(task);
        if (unlisted.size === 0) break;
      }
    } catch (error) {
      this.#failed(error, unlisted, begun);
      return;
    }
    this.#isFailing = false;
    for (const taskId of unlisted) this.#missed(taskId);
  }

  /** Ends the wait for tasks that were not listed before the failure, where that is enough. */
  #failed(error: unknown, unlisted: Iterable<string>, begun: number): void {
    const { draining, onPollFailed } = this.options;
    if (!this.#isFailing && !draining.aborted) onPollFailed(error);
    this.#isFailing = true;
    if (!(error instanceof CallFailed)) return;
    for (const waiting of [...unlisted].flatMap((taskId) => this.#waiting.get(taskId) ?? [])) {
      waiting.failedSince ??= begun;
      // The task was accepted, so it is billed: the next item that wants its sound has to look for it.
      const unseen = new CallFailed({ ...error.failure, billed: true }, error);
      if (waiting.isEnough(error.failure, begun - waiting.failedSince)) waiting.lost(unseen);
    }
  }

  #missed(taskId: string): void {
    const message = `the provider no longer knows the task ${taskId}`;
    for (const waiting of this.#waiting.get(taskId) ?? []) {
      waiting.failedSince = undefined;
      if (++waiting.unlisted < UNLISTED_BEFORE_LOST) continue;
      waiting.lost(new CallFailed({ from: 'network', code: 'task-lost', message, billed: true }));
    }
  }
}
