/** Who holds a data folder, and how long that is waited for: by whether it can be seen, and will soon be done. */
import { statSync } from 'node:fs';
import { sleep } from '@setlist/runtime';
import { isAlive, isElsewhere, type ProcessIdentity } from './process-identity.ts';

export interface Holder extends ProcessIdentity {
  /** The command that it runs, such as `setlist up`. */
  readonly command: string;
  /** Whether it is soon done, so that waiting for it is worth while. */
  readonly looks?: boolean;
}

export interface Patience {
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** For a holder that only looks; 10 seconds unless given. */
  readonly looksForMs?: number;
  /** For a touch of one that can't be seen; 15 seconds unless given. */
  readonly silentForMs?: number;
  /** Told in a sentence for whom is waited, where that takes more than a moment. */
  readonly tell?: (sentence: string) => void;
}

const LOOK_EVERY_MS = 50;
const TELL_AFTER_MS = 1_000;

/** Whether the holder has given its lock back, or is dead. @throws the signal's reason */
export async function freedInTime(
  lock: string,
  holder: Holder,
  { signal, looksForMs = 10_000, silentForMs = 15_000, tell }: Patience,
): Promise<boolean> {
  const begun = performance.now();
  const first = touchedAt(lock);
  const seen = !isElsewhere(holder);
  let isTold = false;
  for (;;) {
    const touched = touchedAt(lock);
    if (touched === undefined || (seen && !isAlive(holder))) return true;
    const waited = performance.now() - begun;
    const isLive = seen || touched !== first;
    if (isLive && (!holder.looks || waited >= looksForMs)) return false;
    if (!isLive && waited >= silentForMs) return true;
    if (!isTold && waited >= TELL_AFTER_MS) {
      tell?.(`Waiting for ${nameOf(holder)}, which has the data folder; Ctrl-C ends the wait.`);
      isTold = true;
    }
    await sleep(LOOK_EVERY_MS, signal);
  }
}

/** A holder as users are told of it. */
export const nameOf = (holder: Holder): string =>
  `"${holder.command}" (process ${holder.pid}${isElsewhere(holder) ? ` of ${holder.space?.host}` : ''})`;

/** What is said of a folder whose holder can't be seen from here. */
export const usedElsewhere = (folder: string, holder: Holder): string =>
  `${folder} is in use by ${nameOf(holder)}, in another container or on another machine`;

const touchedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
