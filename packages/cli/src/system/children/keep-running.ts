/** Restarts a child process that ends unexpectedly; the system then continues from the log. */
import { backoffDelayMs, sleep, unlessAborted } from '@setlist/runtime';
import { missing } from '../../failure.ts';
import { firstFailure } from '../run-until-told.ts';

export interface Child {
  /** Resolves when the process is gone, with its exit code or signal. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface KeepRunningOptions {
  /** The child's name at the start of messages, such as `The broker`. */
  readonly name: string;
  /** Starts a new process in place of the old one, unless the signal ends the start. */
  readonly restart: (signal: AbortSignal) => Promise<Child>;
  /** The child's own log, which says why it ends. */
  readonly logFile: string;
  readonly tell: (message: string) => void;
  /** Some seconds after it has aborted, the child is not brought back any more. */
  readonly signal?: AbortSignal;
  /** The source of the delays' jitter, from 0 to 1. */
  readonly random?: () => number;
}

export interface Kept extends AsyncDisposable {
  /** Rejects when the child could not be kept running, or with the signal's reason. */
  readonly failed: Promise<never>;
}

const BACKOFF = { baseMs: 500, capMs: 10_000 };
/** After running this long a child counts as healthy, and its next end as the first in a row. */
const HEALTHY_AFTER_MS = 30_000;
const MAX_RESTARTS_IN_A_ROW = 5;
/** How long after a stop, in ms, a child is still brought back: systemd, for one, stops the children too. */
const BACK_WITHIN_MS = 5_000;

/** Keeps a running child running. Disposing of the result stops the child for good. */
export function keepRunning(first: Child, options: KeepRunningOptions): Kept {
  const stopping = new AbortController();
  const ending = AbortSignal.any([stopping.signal, wellAfter(options.signal)]);
  const failed = firstFailure();
  const fail = (error: unknown): void => {
    if (!stopping.signal.aborted) failed.reject(error);
  };
  let current = first;
  const watching = (async () => {
    let ends = 0;
    while (!stopping.signal.aborted) {
      const since = performance.now();
      await current.exited;
      ending.throwIfAborted();
      if (performance.now() - since > HEALTHY_AFTER_MS) ends = 0;
      ends += 1;
      if (ends > MAX_RESTARTS_IN_A_ROW)
        throw missing(
          `${options.name} ended ${ends} times in a row`,
          `Its log, ${options.logFile}, says why. Nothing is lost: the next start goes on with the work.`,
        );
      options.tell(
        `${options.name} has ended by itself (${await current.exited}); it is being restarted and the work continues.`,
      );
      const back = broughtBack(ends, options, ending);
      // Without waiting for its end: a broker that reads its log may have to be killed.
      unlessAborted(back, ending).catch(fail);
      ({ child: current, ends } = await back);
    }
  })().catch(fail);
  return {
    failed: failed.promise,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await current.stop();
      await watching;
      // A restart may have been in progress.
      await current.stop();
    },
  };
}

/** Aborts {@link BACK_WITHIN_MS} after the signal, with its reason. */
function wellAfter(signal: AbortSignal | undefined): AbortSignal {
  const late = new AbortController();
  const wait = () => setTimeout(() => late.abort(signal?.reason), BACK_WITHIN_MS).unref();
  signal?.addEventListener('abort', wait, { once: true });
  return late.signal;
}

/** Restarts the child; a failed restart counts as one more end. */
async function broughtBack(
  ends: number,
  { restart, random = Math.random }: KeepRunningOptions,
  signal: AbortSignal,
): Promise<{ child: Child; ends: number }> {
  let reason: unknown;
  for (let end = ends; end <= MAX_RESTARTS_IN_A_ROW; end++) {
    await sleep(backoffDelayMs(end, { ...BACKOFF, random }), signal);
    try {
      return { child: await restart(signal), ends: end };
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}
