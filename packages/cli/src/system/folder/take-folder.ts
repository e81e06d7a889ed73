/** How a command comes to work in a data folder: alone, and on a log that stands in its place. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import type { DataFolder } from './data-folder.ts';
import { type Lock, type Taking, takeLock } from './lock.ts';

/** Where the next generation of the log waits for the moment between two renames. */
export const nextLog = ({ broker }: DataFolder): string => `${broker}.next`;

/** Whether there is a log, in its place or on its way there. */
export const hasLog = (data: DataFolder): boolean => existsSync(data.broker) || existsSync(nextLog(data));

/**
 * Locks the folder for as long as the result is not disposed of. Where `audit archive` was killed between taking the old
 * log away and putting the new one in its place, the new one is put there first: nobody may begin an empty log instead.
 * @throws CommandFailed (3) while another process works in it; the signal's reason
 */
export async function takeFolder(data: DataFolder, taking: Taking): Promise<Lock> {
  const lock = await takeLock(data.path, taking);
  try {
    finishSwap(data);
    return lock;
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function finishSwap(data: DataFolder): void {
  const next = nextLog(data);
  if (!existsSync(next)) return;
  // Killed before the old log was taken away: that one holds, and what it led to is made anew.
  if (existsSync(data.broker)) rmSync(next, { recursive: true, force: true });
  else renameSync(next, data.broker);
}
