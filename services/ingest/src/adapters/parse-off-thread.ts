/** Parses large set files in a thread of their own: seconds of work that must not keep small ones waiting. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type ParseOptions, parseSetFile, type SetFileResult } from '@setlist/contracts';

export type ParseSetFile = (
  bytes: Uint8Array,
  options: ParseOptions,
) => SetFileResult | Promise<SetFileResult>;

/** Below this (some thousand items) a file is parsed in tens of milliseconds, less than a thread takes to start. */
export const LARGE_BYTES = 256 * 1024;

export const parseOffThread: ParseSetFile = async (bytes, options) => {
  if (bytes.length < LARGE_BYTES) return parseSetFile(bytes, options);
  const worker = new Worker(new URL('./parse-worker.ts', import.meta.url), {
    workerData: { bytes, options },
  });
  try {
    const [result]: SetFileResult[] = await once(worker, 'message');
    if (result === undefined) throw new Error('the parser gave no result');
    return result;
  } finally {
    await worker.terminate();
  }
};
