/** Follows a system for as long as it runs: its broker ends with it, and the next one listens on another port. */
import { sleepAtMost } from '@setlist/runtime';
import { missing } from '../failure.ts';
import type { ToldCommand } from '../output/text/told-command.ts';
import { isAlive } from '../system/folder/process-identity.ts';
import type { RunningSystem } from '../system/folder/system-note.ts';

export interface Followed {
  readonly system: RunningSystem | undefined;
  readonly command: ToldCommand;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Runs `follow` to its end. With a broker on another machine, waits however long that broker is away.
 * @returns the result of `follow`
 * @throws CommandFailed (3) if the system on this machine ends first
 */
export async function whileRunning<T>(
  followed: Followed,
  signal: AbortSignal,
  follow: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  try {
    return await Promise.race([follow(until), untilGone(followed, until)]);
  } finally {
    over.abort();
  }
}

async function untilGone({ system, command }: Followed, signal: AbortSignal): Promise<never> {
  while (!signal.aborted) {
    if (system && !isAlive(system.holder)) {
      throw missing(
        `"${system.holder.command}" has ended`,
        `Nothing is lost: start it again, and its sets resume; "${command('status')}" shows their progress.`,
      );
    }
    await sleepAtMost(LOOK_EVERY_MS, signal);
  }
  return new Promise<never>(() => undefined);
}
