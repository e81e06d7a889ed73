/** Opens a set file: checks it once, and reads it again for its items, so that they are never all in memory. */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type ParsedItem, type ParsedSet, parseSetFile, type SetTerms } from '@setlist/set-file';
import { surveyOf } from '../domain/survey.ts';
import { FileChanged, type LocalFile, type OpenSetFile, type OpensSetFiles } from './set-file.ts';
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

/** An accepted set with all its items in memory. @throws FileChanged; the signal's reason */
export async function wholeSet(set: SetTerms, file: OpenSetFile, signal?: AbortSignal): Promise<ParsedSet> {
  const items: ParsedItem[] = [];
  for await (const some of file.items()) {
    signal?.throwIfAborted();
    items.push(...some);
  }
  return { ...set, items };
}

async function contentOf({ path, sha256 }: LocalFile): Promise<Uint8Array> {
  const content = await readFile(path);
  if (sha256 !== undefined && hash('sha256', content) !== sha256) {
    throw new FileChanged(`${path} changed while it was read`);
  }
  return content;
}
