/** Where a command makes a log that nobody may take for one before it is whole: beside the real one, under the folder's lock. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endLeftover } from '@setlist/broker';
import type { DataFolder } from './data-folder.ts';
import type { Lock } from './lock.ts';

/** Disposing of it takes it away, unless the data folder is another's by then. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
  /** A broker's store in it. */
  readonly broker: string;
}

/** Empty, whatever a command that was killed has left there: a broker, and a part of a log. */
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
