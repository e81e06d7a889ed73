/**
 * Keeps every access inside the store's folder, symbolic links resolved. It guards against links that lie in the
 * folder, by accident or to trick us; not against someone who swaps folders for links at the very moment, who must have
 * the right to write there anyway.
 */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { StoreError } from '../store-error.ts';
import { errnoOf } from './errors.ts';

/**
 * The real path of something that exists.
 *
 * @throws StoreError with `denied` if it lies outside; the system's own error if it doesn't exist
 */
export async function realPathWithin(root: string, path: string): Promise<string> {
  const [realRoot, real] = await Promise.all([realpath(root), realpath(path)]);
  const way = relative(realRoot, real);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new StoreError('denied', `${path} leads out of ${root} by a symbolic link, to ${real}.`, {
      remedy: 'Remove the link, or make the folder it leads to a store of its own.',
    });
  }
  return real;
}

/** Windows has none: there each file's real path is looked up. */
const { O_RDONLY, O_NOFOLLOW } = constants as Partial<typeof constants> & { O_RDONLY: number };

/** How long a folder that was found inside counts as such, so that a run of writes into it asks but once. */
const HOLDS_FOR_MS = 1_000;
/** More folders than this are forgotten all at once. */
const MOST_REMEMBERED = 1_000;

/** Remembers, for a moment, which folders below `root` are inside it. */
export class FolderBounds {
  readonly #root: string;
  /** When each was looked at, in ms of this process's clock. */
  readonly #seen = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * For something that may not exist yet: its nearest folder that does must lie inside.
   *
   * @throws StoreError with `denied` if it lies outside
   */
  async requireWithin(folder: string): Promise<void> {
    const now = performance.now();
    if (now - (this.#seen.get(folder) ?? Number.NEGATIVE_INFINITY) < HOLDS_FOR_MS) return;
    for (let nearest = folder; ; nearest = dirname(nearest)) {
      try {
        await realPathWithin(this.#root, nearest);
        break;
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error;
        if (nearest === this.#root) break;
      }
    }
    if (this.#seen.size >= MOST_REMEMBERED) this.#seen.clear();
    this.#seen.set(folder, now);
  }

  /**
   * Opens a file to read it.
   *
   * @throws StoreError with `denied` if it lies outside; the system's own error if it can't be opened
   */
  async open(path: string): Promise<FileHandle> {
    if (O_NOFOLLOW !== undefined) {
      await this.requireWithin(dirname(path));
      try {
        return await open(path, O_RDONLY | O_NOFOLLOW);
      } catch (error) {
        if (errnoOf(error) !== 'ELOOP') throw error;
      }
    }
    return open(await realPathWithin(this.#root, path));
  }

  /**
   * What there is under a path.
   *
   * @throws StoreError with `denied` if it lies outside; the system's own error if it doesn't exist
   */
  async stat(path: string): Promise<Stats> {
    await this.requireWithin(dirname(path));
    const found = await lstat(path);
    return found.isSymbolicLink() ? stat(await realPathWithin(this.#root, path)) : found;
  }
}
