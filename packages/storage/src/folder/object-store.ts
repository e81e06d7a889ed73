/** The store of one machine: objects as plain files in a folder, where a person can open them. */
import { hash } from 'node:crypto';
import { lstat, mkdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { piecesOf } from '../body.ts';
import type {
  Body,
  CopyOptions,
  ListedObject,
  ObjectAt,
  ObjectStore,
  PutOptions,
  StoredObject,
} from '../object-store.ts';
import { requireKey, requireMetadata, requirePrefix } from '../preconditions.ts';
import { StoreError } from '../store-error.ts';
import { FolderBounds } from './bounds.ts';
import { errnoOf, folderError, saysAbsent } from './errors.ts';
import { flushFolder } from './flush.ts';
import { listFolder, versionOf } from './list.ts';
import { replaceFile, sweepLeftOvers, temporaryName } from './replace.ts';

export interface FolderStoreOptions {
  /** Whether stored objects survive a power cut, at the cost of a disk flush for each; false by default. */
  readonly fsync?: boolean | undefined;
}

/**
 * A store in `folder`, which is made by the first write. It keeps neither content type nor metadata. Copies are never
 * hard links, which an edit in place would corrupt.
 */
export function folderObjectStore(folder: string, options: FolderStoreOptions = {}): ObjectStore {
  return new FolderObjectStore(resolve(folder), options.fsync ?? false);
}

class FolderObjectStore implements ObjectStore {
  readonly uri: string;
  readonly #root: string;
  readonly #fsync: boolean;
  readonly #bounds: FolderBounds;
  readonly #swept = new Set<string>();
  /** The folders that were checked: one that is missing was taken away, with its disk for example, and is not made again. */
  readonly #checked = new Set<string>();

  constructor(root: string, fsync: boolean) {
    this.#root = root;
    this.#fsync = fsync;
    this.#bounds = new FolderBounds(root);
    this.uri = pathToFileURL(root).href;
  }

  locate(key: string): string {
    requireKey(key);
    return join(this.#root, ...key.split('/'));
  }

  async put(key: string, body: Body, { metadata, ifAbsent = false }: PutOptions): Promise<boolean> {
    requireMetadata(metadata);
    if (ifAbsent && (await this.head(key))) return false;
    const content = body instanceof Uint8Array ? body : piecesOf(body);
    const path = this.locate(key);
    const folder = dirname(path);
    const fill = (partial: string): Promise<void> =>
      this.#orGone(writeFile(partial, content, { flag: 'wx' }));
    try {
      await this.#bounds.requireWithin(folder);
      await replaceFile(path, fill, this.#fsync);
    } catch (error) {
      throw writingError(error, path);
    }
    if (!this.#swept.has(folder)) {
      this.#swept.add(folder);
      await sweepLeftOvers(folder, Date.now());
    }
    return true;
  }

  async get(key: string): Promise<Uint8Array> {
    const path = this.locate(key);
    try {
      await using file = await this.#orGone(this.#bounds.open(path));
      return await file.readFile();
    } catch (error) {
      throw readingError(error, path);
    }
  }

  async *read(key: string, version?: string): AsyncGenerator<Uint8Array> {
    const path = this.locate(key);
    try {
      await using file = await this.#orGone(this.#bounds.open(path));
      if (version !== undefined && versionOf(await file.stat()) !== version) throw notFound(path);
      yield* file.createReadStream({ autoClose: false });
    } catch (error) {
      throw readingError(error, path);
    }
  }

  /** A folder can't sign addresses. */
  async presign(key: string): Promise<undefined> {
    requireKey(key);
  }

  async head(key: string): Promise<StoredObject | undefined> {
    const path = this.locate(key);
    try {
      const found = await this.#orGone(this.#bounds.stat(path));
      if (!found.isFile()) return undefined;
      return { bytes: found.size, modified: found.mtime, version: versionOf(found) };
    } catch (error) {
      if (saysAbsent(error)) return undefined;
      throw folderError(error, `Cannot read ${path}`);
    }
  }

  /**
   * An existing copy is left as it is, for programs that go by the times of files: rsync, a backup, a cache. Any other
   * has to be read, checked and put.
   */
  async copyFrom(
    source: ObjectAt,
    to: string,
    { described, sha256, isAtHand }: CopyOptions,
  ): Promise<boolean> {
    requireMetadata(described.metadata);
    return !isAtHand && !this.#fsync && (await this.#isCopied(source, to, sha256));
  }

  async delete(key: string): Promise<void> {
    const path = this.locate(key);
    try {
      await this.#bounds.requireWithin(dirname(path));
      await this.#orGone(unlink(path));
      if (this.#fsync) await flushFolder(dirname(path));
    } catch (error) {
      // A folder is not an object, so there is nothing to delete.
      if (saysAbsent(error) || errnoOf(error) === 'EISDIR') return;
      throw folderError(error, `Cannot remove ${path}`);
    }
  }

  async *list(prefix: string, passedOver = (_name: string): void => {}): AsyncGenerator<ListedObject> {
    requirePrefix(prefix);
    const base = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    const folder = join(this.#root, base);
    try {
      await this.#bounds.requireWithin(folder);
      await this.#orGone(stat(folder));
      yield* listFolder(folder, { base, prefix, passedOver });
    } catch (error) {
      if (saysAbsent(error)) return;
      throw folderError(error, `Cannot list ${folder}`);
    }
  }

  async check(below = ''): Promise<void> {
    const folder = resolve(this.#root, below);
    const probe = join(folder, temporaryName());
    try {
      for (const each of this.#checked) await this.#orGone(stat(each));
      await mkdir(folder, { recursive: true });
      await writeFile(probe, 'setlist', { flag: 'wx' });
      await readFile(probe);
      await unlink(probe);
    } catch (error) {
      // If this fails too, the probe stays hidden and is swept later; the caller needs the first error.
      await rm(probe, { force: true }).catch(() => undefined);
      throw unusableError(error, folder);
    }
    this.#checked.add(this.#root).add(folder);
    await sweepLeftOvers(folder, Date.now());
  }

  /** What is absent may still exist if a checked folder is gone as a whole: that error is another. */
  async #orGone<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      for (const folder of saysAbsent(error) ? this.#checked : [])
        if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw gone(folder, error);
      throw error;
    }
  }

  /** False also if the target can't be read: it is then written, and the write reports what is wrong. */
  async #isCopied({ store, key }: ObjectAt, to: string, sha256: string): Promise<boolean> {
    const path = this.locate(to);
    const there = await lstat(path).catch(() => undefined);
    // A link may lead to the original itself, and reading a pipe would wait for a writer.
    if (!there?.isFile() || (await store.head(key))?.bytes !== there.size) return false;
    const body = await this.get(to).catch(() => undefined);
    return body !== undefined && hash('sha256', body) === sha256;
  }
}

function readingError(error: unknown, path: string): StoreError {
  if (saysAbsent(error) || errnoOf(error) === 'EISDIR') return notFound(path, error);
  return folderError(error, `Cannot read ${path}`);
}

/** ENOENT means that the folder was removed while it was being written to: the key is not at fault. */
function writingError(error: unknown, path: string): StoreError {
  if (errnoOf(error) !== 'ENOENT') return folderError(error, `Cannot write ${path}`);
  return new StoreError(
    'unavailable',
    `Cannot write ${path}: its folder was removed or replaced meanwhile.`,
    {
      remedy: 'Leave the folder in place while Setlist writes to it; the same call may then succeed.',
      cause: error,
    },
  );
}

function gone(folder: string, cause: unknown): StoreError {
  return new StoreError('unavailable', `The folder ${folder} is gone.`, {
    remedy: 'Mount its disk, or put the folder back. If it is lost for good, make an empty one in its place.',
    cause,
  });
}

function unusableError(error: unknown, folder: string): StoreError {
  const errno = errnoOf(error);
  if (errno !== 'EEXIST' && errno !== 'ENOTDIR')
    return folderError(error, `The folder ${folder} is not usable`);
  return new StoreError('invalid-uri', `${folder} is not a folder, or is below a file.`, {
    remedy: 'Choose a folder as the store, or move that file away.',
    cause: error,
  });
}

function notFound(path: string, cause?: unknown): StoreError {
  return new StoreError('not-found', `There is no file ${path}.`, {
    remedy: 'Check the name, and whether the file was moved or removed.',
    cause,
  });
}
