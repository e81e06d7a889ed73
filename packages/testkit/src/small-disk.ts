/** In-memory file systems of a few megabytes, to fill up and make read-only; mounting them requires root. */
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** Disposing of it unmounts it, with everything in it. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Writes until the file system is full. */
  fill(): Promise<void>;
  /** Deletes what `fill` wrote. */
  makeRoom(): Promise<void>;
  /** Makes every write fail, even root's, or allows writes again. */
  setReadOnly(readOnly: boolean): void;
}

const BLOCK_BYTES = 4_096;

/** Mounts a new file system. @param size in mount's format: `24m` */
export async function smallDisk(size: string): Promise<SmallDisk> {
  const folder = await temporaryFolder();
  const { path } = folder;
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'pipe' });
  const filler = join(path, 'filler');
  return {
    path,
    fill: () => fillUp(filler),
    makeRoom: () => rm(filler, { force: true }),
    setReadOnly: (readOnly) => {
      execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, path], { stdio: 'pipe' });
    },
    async [Symbol.asyncDispose]() {
      // A process that was just killed can still hold a file for a moment: the mount is gone once it closes it.
      execFileSync('umount', ['--lazy', path], { stdio: 'pipe' });
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Whether file systems can be mounted here: it takes root, and a container that allows it. */
export async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  try {
    await using _ = await smallDisk('64k');
    return true;
  } catch {
    return false;
  }
}

/** Writes whole megabytes first, then single blocks, until not one more fits. */
async function fillUp(path: string): Promise<void> {
  for (const bytes of [256 * BLOCK_BYTES, BLOCK_BYTES]) {
    const block = new Uint8Array(bytes);
    for (let isFull = false; !isFull; ) isFull = !(await appended(path, block));
  }
}

async function appended(path: string, block: Uint8Array): Promise<boolean> {
  try {
    await writeFile(path, block, { flag: 'a' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
