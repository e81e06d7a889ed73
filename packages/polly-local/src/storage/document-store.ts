/** Small JSON documents that outlive the process: one file each, written atomically. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { inParallel } from '@setlist/runtime';
import { writeWhole } from './whole-file.ts';

/** Keys are safe as file names: ids and lexicon names of letters, digits and hyphens. */
export type DocumentStore<T> = {
  /** In no particular order. */
  all(): Promise<T[]>;
  put(key: string, document: T): Promise<void>;
  delete(key: string): Promise<void>;
};

/** A store that keeps nothing, for an engine without a state folder. */
export function forgetfulStore<T>(): DocumentStore<T> {
  return { all: async () => [], put: async () => undefined, delete: async () => undefined };
}

/** How many files are read at a time: there can be thousands of tasks, but far fewer open files. */
const READ_AT_ONCE = 64;

/** Keys can differ only in case, which some file systems ignore: a `.` before each capital keeps `A` and `a` apart. */
const fileName = (key: string) => `${key.replace(/[A-Z]/g, (letter) => `.${letter}`)}.json`;

/** @throws the file system's error; SyntaxError naming a file that is not JSON. */
export function folderStore<T>(folder: string): DocumentStore<T> {
  return {
    async all() {
      await mkdir(folder, { recursive: true });
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      const documents: T[] = [];
      await inParallel(names, READ_AT_ONCE, async (name) => {
        documents.push(await readDocument<T>(join(folder, name)));
      });
      return documents;
    },
    put: (key, document) => writeWhole(join(folder, fileName(key)), JSON.stringify(document)),
    delete: (key) => rm(join(folder, fileName(key)), { force: true }),
  };
}

async function readDocument<T>(path: string): Promise<T> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new SyntaxError(`${path} is not JSON: move it away and start again`, { cause });
  }
}
