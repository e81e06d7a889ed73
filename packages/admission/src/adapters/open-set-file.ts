/** Opens a set file: checked once, and read again whenever its items are wanted, so that they are never all in memory. */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseSetFile } from '@setlist/set-file';
import { surveyOf } from '../domain/survey.ts';
import { FileChanged, type LocalFile, type OpensSetFiles } from './set-file.ts';
import { readInThread } from './set-file-thread.ts';

/** Below this (some thousand items) a file is parsed in tens of milliseconds, less than a thread takes to start. */
export const LARGE_BYTES = 256 * 1024;

/** Small files are read here; large ones in a thread of their own, since they must not keep small ones waiting. */
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
