/** Who holds a data folder, and how long to wait for it: that depends on whether it is visible and soon done. */
import { statSync } from 'node:fs';
import { sleep } from '@setlist/runtime';
import { isAlive, isElsewhere, type ProcessIdentity } from './process-identity.ts';

export interface Holder extends ProcessIdentity {
  /** The command that it runs, such as `setlist up`. */
  readonly command: string;
  /** Whether the command only looks: then it is soon done and worth waiting for. */
  readonly looks?: boolean;
}

export interface Patience {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** How long an invisible holder may leave its lock untouched; by default 15 seconds. */
  readonly silentForMs?: number;
  /** Receives a sentence that names the holder, if the wait takes more than a second. */
  readonly tell?: (sentence: string) => void;
}

/** How long to wait for a holder that only looks. */
const LOOKS_FOR_MS = 30_000;
const LOOK_EVERY_MS = 50;
const TELL_AFTER_MS = 1_000;

/** Waits for the holder. @returns whether it has released its lock or is dead @throws the signal's reason */
export async function freedInTime(
  lock: string,
  holder: Holder,
  { signal, silentForMs = 15_000, tell }: Patience,
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
    if (isLive && (!holder.looks || waited >= LOOKS_FOR_MS)) return false;
    if (!isLive && waited >= silentForMs) return true;
    if (!isTold && waited >= TELL_AFTER_MS) {
      tell?.(`Waiting for ${nameOf(holder)}, which is using the data folder; Ctrl-C stops waiting.`);
      isTold = true;
    }
    await sleep(LOOK_EVERY_MS, signal);
  }
}

/** The holder's name in messages. */
export const nameOf = (holder: Holder): string =>
  `"${holder.command}" (process ${holder.pid}${isElsewhere(holder) ? ` of ${holder.space?.host}` : ''})`;

/** The message about a folder whose holder is not visible from here. */
export const usedElsewhere = (folder: string, holder: Holder): string =>
  `${folder} is in use by ${nameOf(holder)}, in another container or on another machine`;

const touchedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
