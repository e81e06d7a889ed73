/** Where a command builds a log, beside the real one and under the folder's lock, until it is whole. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endLeftover } from '@setlist/broker';
import type { DataFolder } from './data-folder.ts';
import type { Lock } from './lock.ts';

/** Disposing of it removes it, unless another process has taken over the data folder by then. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /** The folder for a broker's store in it. */
  readonly broker: string;
}

/** Opens an empty work folder; first clears what a killed command left there: a broker, and a part of a log. */
export async function openWorkFolder(
  data: DataFolder,
  command: 'archive' | 'restore',
  lock: Lock,
): Promise<WorkFolder> {
  const path = join(data.path, `${command}.unfinished`);
  const broker = join(path, 'broker');
  const clear = async (): Promise<void> => {
    await endLeftover(broker);
    await rm(path, { recursive: true, force: true });
  };
  await clear();
  await mkdir(path);
  return {
    path,
    broker,
    async [Symbol.asyncDispose]() {
      lock.look();
      if (!lock.lost.aborted) await clear();
    },
  };
}
