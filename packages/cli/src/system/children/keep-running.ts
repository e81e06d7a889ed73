/** Brings a child process back when it ends by itself; the system goes on from the log. */
import { backoffDelayMs, sleep } from '@setlist/runtime';

export interface Child {
  /** Resolves when the process is gone, with how it went. */
  readonly exited: Promise<unknown>;
  stop(): Promise<void>;
}

export interface KeepRunningOptions {
  /** What it is called in what people are told, such as `the broker`. */
  readonly name: string;
  /** Starts another in place of the one that is gone. */
  readonly restart: () => Promise<Child>;
  readonly tell: (message: string) => void;
  /** By which the delays vary, from 0 to 1. */
  readonly random?: () => number;
}

export interface Kept extends AsyncDisposable {
  /** Rejects when it could not be brought back. */
  readonly failed: Promise<never>;
}

const BACKOFF = { baseMs: 500, capMs: 10_000 };
/** Having run so long it counts as healthy, and its next end as the first. */
const HEALTHY_AFTER_MS = 30_000;
const MAX_RESTARTS_IN_A_ROW = 5;

/** Watches over a child that runs. Disposing of it stops the child for good. */
export function keepRunning(first: Child, options: KeepRunningOptions): Kept {
  const stopping = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let current = first;
  const watching = (async () => {
    let ends = 0;
    while (!stopping.signal.aborted) {
      const since = performance.now();
      await current.exited;
      if (stopping.signal.aborted) return;
      if (performance.now() - since > HEALTHY_AFTER_MS) ends = 0;
      ends += 1;
      if (ends > MAX_RESTARTS_IN_A_ROW) throw new Error(`${options.name} ended ${ends} times in a row`);
      options.tell(
        `${options.name} has ended by itself (${await current.exited}); it is started again and the work goes on.`,
      );
      ({ child: current, ends } = await broughtBack(ends, options, stopping.signal));
    }
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) failed.reject(error);
  });
  return {
    failed: failed.promise,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await current.stop();
      await watching;
      // One that was just being brought back.
      await current.stop();
    },
  };
}

/** One that does not come up has ended once more. */
async function broughtBack(
  ends: number,
  { restart, random = Math.random }: KeepRunningOptions,
  signal: AbortSignal,
): Promise<{ child: Child; ends: number }> {
  let reason: unknown;
  for (let end = ends; end <= MAX_RESTARTS_IN_A_ROW; end++) {
    await sleep(backoffDelayMs(end, { ...BACKOFF, random }), signal);
    try {
      return { child: await restart(), ends: end };
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}
