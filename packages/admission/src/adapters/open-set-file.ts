/** Opens a set file: checked once, and read again whenever its items are wanted, so that they are never all in memory. */
import { readFile } from 'node:fs/promises';
import { parseSetFile } from '@setlist/contracts';
import { surveyOf } from '../domain/survey.ts';
import type { OpensSetFiles } from './set-file.ts';
import { readInThread } from './set-file-thread.ts';

/** Below this (some thousand items) a file is parsed in tens of milliseconds, less than a thread takes to start. */
export const LARGE_BYTES = 256 * 1024;

/** Small files are read here; large ones in a thread of their own, since they must not keep small ones waiting. */
export const openSetFile: OpensSetFiles = async (file, options) => {
  if (file.bytes >= LARGE_BYTES) return readInThread(file, options);
  const result = parseSetFile(await readFile(file.path), options);
  const items = result.ok ? result.set.items : [];
  return {
    checked: result.ok ? { ...result, survey: surveyOf(items) } : result,
    async *items() {
      yield items;
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};
