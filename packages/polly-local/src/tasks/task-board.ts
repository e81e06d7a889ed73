/** Runs speech synthesis tasks in the background and remembers them for 72 hours, across restarts where there is a folder for it. */
import { FORMATS, LIMITS } from '@setlist/polly';
import { type Logger, messageOf } from '@setlist/runtime';
import type { Synthesize } from '../engine/speech-request.ts';
import type { DocumentStore } from '../storage/document-store.ts';
import type { AudioSink } from './audio-sink.ts';
import type { CompletionTopic } from './completion-topic.ts';
import { completionNotice, type Task, type TaskStatus, taskSortKey } from './task.ts';

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

/** Goes on with what a process before this one left unfinished. */
export async function openTaskBoard(options: TaskBoardOptions): Promise<TaskBoard> {
  return new TaskBoard(options, await options.documents.all());
}

export class TaskBoard implements AsyncDisposable {
  readonly #options: TaskBoardOptions;
  /** In the order in which they were made. */
  readonly #tasks: Map<string, Task>;
  readonly #waiting: string[];
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: TaskBoardOptions, known: readonly Task[]) {
    this.#options = options;
    const oldestFirst = known.toSorted((a, b) => a.creationMs - b.creationMs);
    this.#tasks = new Map(oldestFirst.map((task) => [task.id, task]));
    this.#forgetOld();
    const unfinished = oldestFirst.filter((task) => !hasEnded(task) || task.noticePending);
    this.#waiting = unfinished.map(({ id }) => id);
    this.#advance();
  }

  /** Kept before it returns; runs as soon as there is room. */
  async add(task: Task): Promise<void> {
    this.#forgetOld();
    await this.#save(task);
    this.#waiting.push(task.id);
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

  /** What is under way is broken off; a restart begins it anew. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  #advance(): void {
    const { signal } = this.#stopping;
    while (this.#running.size < this.#options.concurrency && !signal.aborted) {
      const task = this.#tasks.get(this.#waiting.shift() ?? '');
      if (!task) return;
      const run = runTask(task, {
        ...this.#options,
        show: (changed) => this.#tasks.set(changed.id, changed),
        save: (changed) => this.#save(changed),
        signal,
      })
        .catch((error: unknown) => {
          // Stopped, or its state couldn't be kept: it stands as it was last kept, and a restart runs it again.
          if (!signal.aborted)
            this.#options.logger.error({ err: error, taskId: task.id }, 'a task could not be run');
        })
        .finally(() => {
          this.#running.delete(run);
          this.#advance();
        });
      this.#running.add(run);
    }
  }

  async #save(task: Task): Promise<void> {
    // What could not be kept was never taken in.
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
        logger.warn({ err: error, taskId: task.id }, 'an old task stays on disk');
      });
    }
  }
}

const hasEnded = ({ status }: Task) => status === 'completed' || status === 'failed';

interface Run extends TaskBoardOptions {
  /** For whoever asks; a restart begins it anew. */
  show(task: Task): void;
  save(task: Task): Promise<void>;
  readonly signal: AbortSignal;
}

/** Its end is kept before anybody is told, so that a restart goes on from there; writing the audio twice does no harm. */
async function runTask(task: Task, run: Run): Promise<void> {
  let ended = task;
  if (!hasEnded(task)) {
    const begun: Task = { ...task, status: 'inProgress' };
    run.show(begun);
    ended = await outcomeOf(begun, run);
    await run.save(ended);
  }
  if (ended.noticePending && ended.snsTopicArn !== undefined) {
    await run.topic.publish(ended.snsTopicArn, completionNotice(ended));
    const { noticePending: _, ...told } = ended;
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
