/** Reads a large set file in its own thread, piece by piece, which sends its items as they are taken. */
import { on, once } from 'node:events';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { ParsedItem, ParseOptions, RefusedSetFile } from '@setlist/set-file';
import { type CheckedSetFile, FileChanged, type LocalFile, type OpenSetFile } from './set-file.ts';

/** What the thread is given. */
export interface ThreadTask {
  readonly file: LocalFile;
  readonly options: ParseOptions;
  /** Number of batches taken so far: the thread waits when it is too far ahead. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** What the thread sends. */
export type ThreadMessage =
  | { readonly kind: 'checked'; readonly checked: CheckedSetFile }
  | { readonly kind: 'items'; readonly items: readonly ParsedItem[] }
  | { readonly kind: 'end' }
  /** The file's content has changed. */
  | { readonly kind: 'changed' };

/** Heap limits of the thread. Reading a million items takes 20 MB of live heap; the rest is garbage. */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

interface Reading {
  /** Smaller in tests only. */
  readonly heap?: ResourceLimits;
  /** Ends the check. */
  readonly signal?: AbortSignal | undefined;
}

export async function readInThread(
  file: LocalFile,
  options: ParseOptions,
  { heap = HEAP, signal }: Reading = {},
): Promise<OpenSetFile> {
  const taken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const task: ThreadTask = { file, options, taken };
  const worker = new Worker(new URL('./set-file-worker.ts', import.meta.url), {
    workerData: task,
    resourceLimits: heap,
  });
  try {
    const [message]: ThreadMessage[] = await once(worker, 'message', signal ? { signal } : {});
    if (message?.kind !== 'checked') throw changed(file);
    return {
      checked: message.checked,
      items: () => itemsFrom(worker, file, taken),
      [Symbol.asyncDispose]: async () => void (await worker.terminate()),
    };
  } catch (error) {
    await worker.terminate();
    signal?.throwIfAborted();
    if (!isOutOfMemory(error)) throw error;
    return { checked: TOO_LARGE, items: noItems, [Symbol.asyncDispose]: async () => undefined };
  }
}

/** The refusal of a file that exhausts the thread's memory: another try would take as much. */
const TOO_LARGE: RefusedSetFile = {
  ok: false,
  problems: [
    {
      line: 1,
      column: 1,
      path: '',
      code: 'file-too-large',
      message: `reading the file takes more than the ${HEAP.maxOldGenerationSizeMb} MB of memory allowed`,
      remedy: 'split it into several set files',
    },
  ],
  problemCount: 1,
  warnings: [],
};

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

async function* noItems(): AsyncGenerator<readonly ParsedItem[]> {}

async function* itemsFrom(
  worker: Worker,
  file: LocalFile,
  taken: ThreadTask['taken'],
): AsyncGenerator<readonly ParsedItem[]> {
  Atomics.store(taken, 0, 0);
  const messages = on(worker, 'message', { close: ['exit'] });
  worker.postMessage('items');
  for await (const [message] of messages as AsyncIterable<[ThreadMessage]>) {
    if (message.kind === 'end') return;
    if (message.kind !== 'items') throw changed(file);
    yield message.items;
    Atomics.add(taken, 0, 1);
    Atomics.notify(taken, 0);
  }
  throw new Error(`the thread that reads ${file.path} has ended`);
}

const changed = ({ path }: LocalFile): FileChanged => new FileChanged(`${path} changed while it was read`);
