/** File systems of a few megabytes, to be filled up and made read-only: they live in memory, and mounting takes root. */
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.ts';

/** Disposing of it unmounts it, with everything in it. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string;
  /** Writes until nothing more goes in. */
  fill(): Promise<void>;
  /** Takes away again what `fill` wrote. */
  makeRoom(): Promise<void>;
  /** Every write to it fails from now on, root's too; or no more. */
  setReadOnly(readOnly: boolean): void;
}

const BLOCK_BYTES = 4_096;

/** Mounts a file system of its own. @param size as mount takes it: `24m` */
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
      // A process that was just killed may hold a file for a moment longer: it is gone once that closes it.
      execFileSync('umount', ['--lazy', path], { stdio: 'pipe' });
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Whether file systems can be mounted here: as root, and where a container allows it. */
export async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  try {
    await using _ = await smallDisk('64k');
    return true;
  } catch {
    return false;
  }
}

/** Whole megabytes first, then single blocks, so that not one more fits. */
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
