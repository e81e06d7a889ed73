/** Small JSON documents that outlive the process: a file each, whole or not at all. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './whole-file.ts';

/** Keys are safe as file names: ids and lexicon names of letters, digits and hyphens. */
export type DocumentStore<T> = {
  all(): Promise<T[]>;
  put(key: string, document: T): Promise<void>;
  delete(key: string): Promise<void>;
};

/** For an engine that needn't remember anything. */
export function forgetfulStore<T>(): DocumentStore<T> {
  return { all: async () => [], put: async () => undefined, delete: async () => undefined };
}

/** Names differ in case where file systems may not: `.` before each capital keeps `A` and `a` apart. */
const fileName = (key: string) => `${key.replace(/[A-Z]/g, (letter) => `.${letter}`)}.json`;

/** @throws the error of the file system; SyntaxError naming the file where one isn't JSON. */
export function folderStore<T>(folder: string): DocumentStore<T> {
  return {
    async all() {
      await mkdir(folder, { recursive: true });
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
      return Promise.all(names.map((name) => readDocument<T>(join(folder, name))));
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
