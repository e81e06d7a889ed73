/** Runs synthesis tasks in the background and remembers them for 72 hours, over restarts if there is a folder. */
import { FORMATS, LIMITS } from '@setlist/polly';
import { backoffDelayMs, type Logger, messageOf, sleepAtMost } from '@setlist/runtime';
import type { Synthesize } from '../engine/speech-request.ts';
import type { DocumentStore } from '../storage/document-store.ts';
import type { AudioSink } from './audio-sink.ts';
import type { CompletionTopic } from './completion-topic.ts';
import { completionNotice, type Task, type TaskStatus, taskSortKey } from './task.ts';

/** The back-off while a task's state can't be stored or its topic can't be notified. */
const AGAIN = { baseMs: 500, capMs: 60_000 };

export type TaskBoardOptions = {
  readonly documents: DocumentStore<Task>;
  readonly synthesize: Synthesize;
  readonly sink: AudioSink;
  readonly topic: CompletionTopic;
  /** How many tasks run at a time. */
  readonly concurrency: number;
  readonly logger: Logger;
  readonly nowMs: () => number;
};

/** Opens the board, and continues the tasks that an earlier process left unfinished. */
export async function openTaskBoard(options: TaskBoardOptions): Promise<TaskBoard> {
  return new TaskBoard(options, await options.documents.all());
}

export class TaskBoard implements AsyncDisposable {
  readonly #options: TaskBoardOptions;
  /** In the order of their creation. */
  readonly #tasks: Map<string, Task>;
  readonly #waiting: Waiting[];
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: TaskBoardOptions, known: readonly Task[]) {
    this.#options = options;
    const oldestFirst = known.toSorted((a, b) => a.creationMs - b.creationMs);
    this.#tasks = new Map(oldestFirst.map((task) => [task.id, task]));
    this.#forgetOld();
    const unfinished = oldestFirst.filter((task) => !hasEnded(task) || task.noticePending);
    this.#waiting = unfinished.map((task) => ({ task, failures: 0 }));
    this.#advance();
  }

  /** Stores the task before it returns; runs it as soon as there is room. */
  async add(task: Task): Promise<void> {
    this.#forgetOld();
    await this.#save(task);
    this.#waiting.push({ task, failures: 0 });
    this.#advance();
  }

  get(id: string): Task | undefined {
    this.#forgetOld();
    return this.#tasks.get(id);
  }

  /** Newest first. */
  list(status?: TaskStatus): readonly Task[] {
    this.#forgetOld();
    const found = [...this.#tasks.values()].filter((task) => status === undefined || task.status === status);
    const keyed = found.map((task) => ({ task, key: taskSortKey(task) }));
    return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ task }) => task);
  }

  /** Aborts the tasks in progress; a restart starts them over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  #advance(): void {
    const { signal } = this.#stopping;
    while (this.#running.size < this.#options.concurrency && !signal.aborted) {
      const next = this.#waiting.shift();
      if (!next) return;
      let { task } = next;
      const run = runTask(task, {
        ...this.#options,
        show: (changed) => this.#tasks.set(changed.id, changed),
        reached: (changed) => {
          task = changed;
        },
        save: (changed) => this.#save(changed),
        signal,
      })
        .catch((error: unknown) => this.#goOnLater({ task, failures: next.failures + 1 }, error))
        .finally(() => {
          this.#running.delete(run);
          this.#advance();
        });
      this.#running.add(run);
    }
  }

  /** Retries a task later from its last state, stored or not; others run meanwhile. Once stopped, a restart runs it. */
  #goOnLater(stopped: Waiting, error: unknown): void {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    const taskId = stopped.task.id;
    if (stopped.failures === 1)
      this.#options.logger.error({ err: error, taskId }, 'a task can’t continue; it is retried until it can');
    void sleepAtMost(backoffDelayMs(stopped.failures, AGAIN), signal).then(() => {
      this.#waiting.push(stopped);
      this.#advance();
    });
  }

  async #save(task: Task): Promise<void> {
    if (this.#tasks.get(task.id) === task) return;
    // A task that could not be stored was never accepted.
    await this.#options.documents.put(task.id, task);
    this.#tasks.set(task.id, task);
  }

  #forgetOld(): void {
    const { documents, logger, nowMs } = this.#options;
    const keptSince = nowMs() - LIMITS.taskKeptMs;
    for (const task of this.#tasks.values()) {
      if (task.creationMs >= keptSince) return;
      if (!hasEnded(task) || task.noticePending) continue;
      this.#tasks.delete(task.id);
      documents.delete(task.id).catch((error: unknown) => {
        logger.warn({ err: error, taskId: task.id }, 'an old task could not be deleted from disk');
      });
    }
  }
}

/** A task that waits to continue from its state. */
interface Waiting {
  readonly task: Task;
  /** How often in a row it has failed. */
  readonly failures: number;
}

const hasEnded = ({ status }: Task) => status === 'completed' || status === 'failed';

interface Run extends TaskBoardOptions {
  /** Shows a state to API callers without storing it; a restart starts over. */
  show(task: Task): void;
  /** Records progress that a later retry need not repeat. */
  reached(task: Task): void;
  save(task: Task): Promise<void>;
  readonly signal: AbortSignal;
}

/** Stores a task's end before notifying its topic, so a restart continues there; writing audio twice is harmless. */
async function runTask(task: Task, run: Run): Promise<void> {
  let ended = task;
  if (!hasEnded(task)) {
    const begun: Task = { ...task, status: 'inProgress' };
    run.show(begun);
    ended = await outcomeOf(begun, run);
    run.reached(ended);
  }
  await run.save(ended);
  if (ended.noticePending && ended.snsTopicArn !== undefined) {
    await run.topic.publish(ended.snsTopicArn, completionNotice(ended));
    const { noticePending: _, ...told } = ended;
    run.reached(told);
    await run.save(told);
  }
}

async function outcomeOf(task: Task, { synthesize, sink, signal, logger }: Run): Promise<Task> {
  const notice = task.snsTopicArn === undefined ? {} : ({ noticePending: true } as const);
  try {
    const bytes = await synthesize(task.order.request, signal);
    await sink.write(task.output, bytes, FORMATS[task.order.format].contentType);
    return { ...task, status: 'completed', ...notice };
  } catch (error) {
    if (signal.aborted) throw error;
    logger.warn({ err: error, taskId: task.id }, 'a task failed');
    const reason = messageOf(error);
    return {
      ...task,
      status: 'failed',
      statusReason: `Error occurred while synthesizing or storing: ${reason}`,
      ...notice,
    };
  }
}
