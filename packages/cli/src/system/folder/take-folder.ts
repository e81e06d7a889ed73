/** Takes a data folder for a command: alone, and with the log in its place. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import type { DataFolder } from './data-folder.ts';
import { type Lock, type Taking, takeLock } from './lock.ts';

/** Where the log's next generation is between two renames of a swap. */
export const nextLog = ({ broker }: DataFolder): string => `${broker}.next`;

/** Whether there is a log, in its place or in the middle of a swap. */
export const hasLog = (data: DataFolder): boolean => existsSync(data.broker) || existsSync(nextLog(data));

/**
 * Locks the folder until the result is disposed of. If `audit archive` was killed between moving the old log away and
 * moving the new one to its place, first finishes that, so that no command starts an empty log instead.
 * @throws CommandFailed (3) if another process works in it; the signal's reason
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
  // Killed before the old log was moved away: keep the old log and discard the new one.
  if (existsSync(data.broker)) rmSync(next, { recursive: true, force: true });
  else renameSync(next, data.broker);
}
