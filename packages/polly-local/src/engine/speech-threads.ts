/**
 * The speech threads and their queue: phrases come first, so that an hour-long task delays no phrase, with a task now
 * and then, so that endless phrases can't starve tasks.
 */
import { addAbortListener } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type SpeechRequest, SynthesisCancelled } from './speech-request.ts';
import type { Answer, Job, ThreadData } from './speech-thread.ts';

export type Urgency = 'phrase' | 'task';

type Waiting = {
  readonly id: number;
  readonly request: SpeechRequest;
  readonly resolve: (bytes: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
};
type Thread = {
  readonly worker: Worker;
  readonly cancelled: Int32Array<SharedArrayBuffer>;
  job: Waiting | undefined;
};

/** Samples are large and short-lived: a small young generation is collected often, and saves a third of the memory. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** How many phrases may start before a waiting task gets its turn. The task board leaves one thread for phrases. */
const PHRASES_BEFORE_TASK = 20;

/** The largest job number, since the threads share it in 32 bits; 0 means none. */
const LAST_ID = 0x7fff_ffff;

/** @returns threads that are ready. @throws the error that kept one from starting. */
export async function startSpeechThreads(size: number): Promise<SpeechThreads> {
  const threads = new SpeechThreads();
  try {
    await Promise.all(Array.from({ length: size }, () => threads.start()));
  } catch (error) {
    await threads[Symbol.asyncDispose]();
    throw error;
  }
  return threads;
}

export class SpeechThreads implements AsyncDisposable {
  readonly #threads = new Set<Thread>();
  /** Threads that are not ready yet. */
  readonly #starting = new Set<Worker>();
  readonly #queues: Record<Urgency, Waiting[]> = { phrase: [], task: [] };
  #phrasesSinceTask = 0;
  #lastId = 0;
  #closed = false;

  /** @throws SynthesisCancelled when the signal aborts, Error when the request killed its thread. */
  async synthesize(request: SpeechRequest, urgency: Urgency, signal?: AbortSignal): Promise<Uint8Array> {
    if (signal?.aborted) throw new SynthesisCancelled();
    if (this.#threads.size + this.#starting.size === 0) throw new Error('No speech thread is running');
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#lastId = (this.#lastId % LAST_ID) + 1;
    const waiting: Waiting = { id: this.#lastId, request, resolve, reject };
    using _stop = signal && addAbortListener(signal, () => this.#cancel(waiting));
    this.#queues[urgency].push(waiting);
    this.#assign();
    return await promise;
  }

  /** Adds a thread; settles once it is ready. */
  start(): Promise<void> {
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const workerData: ThreadData = { cancelled };
    const worker = new Worker(new URL('./speech-thread.ts', import.meta.url), { workerData, resourceLimits });
    const thread: Thread = { worker, cancelled, job: undefined };
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    this.#starting.add(worker);
    worker.on('message', (answer: Answer) => {
      if (answer.kind === 'ready') {
        this.#starting.delete(worker);
        this.#threads.add(thread);
        resolve();
      } else settle(thread, answer);
      this.#assign();
    });
    const onEnd = (error: Error) => {
      this.#starting.delete(worker);
      reject(error);
      this.#replace(thread, error);
    };
    worker.on('error', onEnd);
    worker.on('exit', (code) => onEnd(new Error(`A speech thread ended with code ${code}`)));
    return ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#rejectWaiting(new Error('The engine stops'));
    const workers = [...this.#starting, ...[...this.#threads].map(({ worker }) => worker)];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #assign(): void {
    for (const thread of this.#threads) {
      if (thread.job) continue;
      const next = this.#next();
      if (!next) return;
      thread.job = next;
      thread.worker.postMessage({ id: next.id, request: next.request } satisfies Job);
    }
  }

  #next(): Waiting | undefined {
    const { phrase, task } = this.#queues;
    const isTasksTurn =
      task.length > 0 && (phrase.length === 0 || this.#phrasesSinceTask >= PHRASES_BEFORE_TASK);
    if (isTasksTurn || task.length === 0) this.#phrasesSinceTask = 0;
    else this.#phrasesSinceTask++;
    return isTasksTurn ? task.shift() : phrase.shift();
  }

  /** A thread's job fails with it; a new thread replaces it, unless it had never become ready. */
  #replace(thread: Thread, error: Error): void {
    thread.job?.reject(error);
    thread.job = undefined;
    if (!this.#threads.delete(thread) || this.#closed) return;
    this.start().catch((cause: unknown) => {
      if (this.#closed || this.#threads.size + this.#starting.size > 0) return;
      const gone = new Error('No speech thread could be started again', { cause });
      this.#rejectWaiting(gone);
      // Not caught: a process that can't speak exits, so that its supervisor restarts it.
      throw gone;
    });
  }

  #cancel(waiting: Waiting): void {
    for (const queue of Object.values(this.#queues)) {
      const at = queue.indexOf(waiting);
      if (at >= 0) queue.splice(at, 1);
    }
    for (const { job, cancelled } of this.#threads)
      if (job === waiting) Atomics.store(cancelled, 0, waiting.id);
    waiting.reject(new SynthesisCancelled());
  }

  #rejectWaiting(error: Error): void {
    for (const queue of Object.values(this.#queues))
      for (const waiting of queue.splice(0)) waiting.reject(error);
  }
}

function settle(thread: Thread, answer: Exclude<Answer, { kind: 'ready' }>): void {
  const { job } = thread;
  thread.job = undefined;
  if (answer.kind === 'done') job?.resolve(answer.bytes);
  else job?.reject(answer.error);
}
