/**
 * Keeps every access inside the store's folder after resolving symbolic links. It guards against links in the folder,
 * accidental or malicious; not against someone who swaps a folder for a link during a call, who needs write access
 * anyway.
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
async function realPathWithin(root: string, path: string): Promise<string> {
  const [realRoot, real] = await Promise.all([realpath(root), realpath(path)]);
  const way = relative(realRoot, real);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new StoreError('denied', `${path} leads out of ${root} through a symbolic link, to ${real}.`, {
      remedy: 'Remove the link, or make the folder it leads to a store of its own.',
    });
  }
  return real;
}

/** Windows has no O_NOFOLLOW: there each file's real path is looked up. */
const { O_RDONLY, O_NOFOLLOW } = constants as Partial<typeof constants> & { O_RDONLY: number };

/** How long a folder counts as inside after a check, so that a series of writes into it checks only once. */
const HOLDS_FOR_MS = 1_000;
/** When this many folders are remembered, all are forgotten. */
const MOST_REMEMBERED = 1_000;

/** Remembers for a second which folders below `root` are really inside it. */
export class FolderBounds {
  readonly #root: string;
  /** When each folder was checked, in ms of this process's clock. */
  readonly #seen = new Map<string, number>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Requires that a folder, or the nearest existing folder above it, is inside the root.
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
