/** Opens a set file: checks it once, and reads it again for its items, so that they are never all in memory. */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseSetFile } from '@setlist/set-file';
import { surveyOf } from '../domain/survey.ts';
import { FileChanged, type LocalFile, type OpensSetFiles } from './set-file.ts';
import { readInThread } from './set-file-thread.ts';

/** Size from which a file gets a thread: below it (about a thousand items), parsing is faster than starting one. */
export const LARGE_BYTES = 256 * 1024;

/** Small files are read in this thread, large ones in their own, so that small ones don't wait for them. */
export const openSetFile: OpensSetFiles = async (file, options, signal) => {
  signal?.throwIfAborted();
  if (file.bytes >= LARGE_BYTES) return readInThread(file, options, { signal });
  const result = parseSetFile(await contentOf(file), options);
  const items = result.ok ? result.set.items : [];
  return {
    checked: result.ok ? { ...result, survey: surveyOf(items) } : result,
    async *items() {
      yield items;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};

async function contentOf({ path, sha256 }: LocalFile): Promise<Uint8Array> {
  const content = await readFile(path);
  if (sha256 !== undefined && hash('sha256', content) !== sha256) {
    throw new FileChanged(`${path} changed while it was read`);
  }
  return content;
}
