/** Writes a file so that nobody ever sees half of it: under a hidden name in the same folder, then renamed. */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { piecesOf } from '../body.ts';
import type { Body } from '../object-store.ts';
import { saysAbsent } from './errors.ts';
import { flush, flushFolders } from './flush.ts';

/** A hidden name that no key can have, in the same folder, since a rename can't cross file systems. */
const TEMPORARY = /^\.setlist-[0-9a-f-]{36}\.tmp$/;
/** A writer is done in seconds; a file that is an hour old was left by a writer that died. */
const LEFT_OVER_AFTER_MS = 60 * 60 * 1000;

/** A new name for a hidden file. */
export function temporaryName(): string {
  return `.setlist-${randomUUID()}.tmp`;
}

/**
 * Lets `fill` create the file under a temporary name and moves it to `path`, making folders as needed. With `fsync`
 * it resolves once the file, its name and new folders would survive a power cut.
 *
 * @param fill is called again if its first try fails because the folder is missing; that try must consume nothing
 */
export async function replaceFile(
  path: string,
  fill: (temporaryPath: string) => Promise<void>,
  fsync: boolean,
): Promise<void> {
  const folder = dirname(path);
  const temporaryPath = join(folder, temporaryName());
  let firstMade: string | undefined;
  try {
    // The folder nearly always exists: checking first would cost every file a check.
    await fill(temporaryPath).catch(async (error: unknown) => {
      if (!saysAbsent(error)) throw error;
      firstMade = await makeFolder(folder);
      await fill(temporaryPath);
    });
    if (fsync) await flush(temporaryPath);
    await rename(temporaryPath, path);
  } catch (error) {
    // If even this fails, the file stays hidden and is swept later; the caller needs the first error.
    await rm(temporaryPath, { force: true }).catch(() => undefined);
    throw error;
  }
  if (fsync) await flushFolders(folder, firstMade);
}

/** Writes a file all or nothing, even if others write it at the same time; its content is flushed. Makes folders as needed. */
export function writeWhole(path: string, content: string | Body): Promise<void> {
  // If a source of pieces is missing, its error must not be taken for that of a missing folder.
  const whole = typeof content === 'string' || content instanceof Uint8Array ? content : piecesOf(content);
  return replaceFile(path, (partial) => writeFile(partial, whole, { flush: true }), false);
}

/** @returns the topmost folder that had to be made */
async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    if (!saysAbsent(error)) throw error;
    // Node reports any failure on the way down as ENOENT; making the topmost missing folder alone reports the real one.
    await mkdir(await firstMissing(folder));
    return (await mkdir(folder, { recursive: true })) ?? folder;
  }
}

async function firstMissing(folder: string): Promise<string> {
  const parent = dirname(folder);
  return (await stat(parent).catch(() => undefined)) ? folder : firstMissing(parent);
}

/**
 * Removes what crashed writers left in one folder. Never fails: a file that can't be removed does no harm, and the next
 * process tries again.
 */
export async function sweepLeftOvers(folder: string, now: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!TEMPORARY.test(name)) continue;
    const path = join(folder, name);
    const modified = await stat(path).then(
      (file) => file.mtimeMs,
      () => now,
    );
    if (now - modified > LEFT_OVER_AFTER_MS) await rm(path, { force: true }).catch(() => undefined);
  }
}
