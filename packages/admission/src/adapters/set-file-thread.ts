/** A large set file in a thread of its own, which reads it piece by piece and hands out its items as they are taken. */
import { on, once } from 'node:events';
import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { ParsedItem, ParseOptions, RefusedSetFile } from '@setlist/set-file';
import { type CheckedSetFile, FileChanged, type LocalFile, type OpenSetFile } from './set-file.ts';

/** What the thread is given. */
export interface ThreadTask {
  readonly file: LocalFile;
  readonly options: ParseOptions;
  /** How many batches were taken so far: the thread waits when it is too far ahead. */
  readonly taken: Int32Array<SharedArrayBuffer>;
}

/** What it says. */
export type ThreadMessage =
  | { readonly kind: 'checked'; readonly checked: CheckedSetFile }
  | { readonly kind: 'items'; readonly items: readonly ParsedItem[] }
  | { readonly kind: 'end' }
  /** The file has other bytes than it had. */
  | { readonly kind: 'changed' };

/** Reading a million items takes 20 MB of live heap: what is more is garbage, and may be collected sooner. */
const HEAP = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 };

interface Reading {
  /** Smaller in tests only. */
  readonly heap?: ResourceLimits;
  /** Ends the checking. */
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

/** Tried again, it would take as much: the file is refused, whatever in it the reader did not foresee. */
const TOO_LARGE: RefusedSetFile = {
  ok: false,
  problems: [
    {
      line: 1,
      column: 1,
      path: '',
      code: 'file-too-large',
      message: `reading the file takes more memory than the ${HEAP.maxOldGenerationSizeMb} MB there are for it`,
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
