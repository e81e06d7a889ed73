/** Following a system for as long as it runs: its broker ends with it, and the next one listens elsewhere. */
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
 * What comes of following. Without a system of this machine, that is with a broker elsewhere, it goes on however long
 * the broker is away.
 * @throws CommandFailed (3) when the system ends before
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
        `Nothing is lost: start it again, and its sets go on; "${command('status')}" shows how far they are.`,
      );
    }
    await sleepAtMost(LOOK_EVERY_MS, signal);
  }
  return new Promise<never>(() => undefined);
}
