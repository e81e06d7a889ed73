/** Waits for a condition without a fixed sleep: polls, with a deadline. */
import { setTimeout as delay } from 'node:timers/promises';

export interface EventuallyOptions {
  /** When to give up, in milliseconds from now; 60,000 by default. */
  readonly deadlineMs?: number;
  /** Pause between two tries, in milliseconds; 20 by default. */
  readonly everyMs?: number;
}

/** Keeps a probe from compiling if it can return `undefined` for "not yet", which would count as success. */
type Unambiguous<T> = undefined extends T
  ? (() => void) extends () => T
    ? unknown
    : 'return null or false, not undefined, for "not yet"'
  : unknown;

/**
 * Calls `probe` until it neither throws nor returns a falsy value, and returns its result. A probe that returns
 * nothing is a list of assertions: it passes when none of them throws.
 *
 * @throws once the deadline has passed: the error of the last finished try, or an error naming the value it returned
 */
export async function eventually<T>(
  probe: (() => T | Promise<T>) & Unambiguous<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, null | false | 0 | ''>> {
  const { deadlineMs = 60_000, everyMs = 20 } = options;
  const endsAt = performance.now() + deadlineMs;
  using deadline = startDeadline(deadlineMs);
  let lastError: unknown = new Error(`eventually: the first try did not end within ${deadlineMs} ms`);
  while (performance.now() < endsAt) {
    const outcome = await Promise.race([attempt(probe), deadline.passed]);
    if (outcome === undefined) break;
    if ('value' in outcome) return outcome.value as Exclude<T, null | false | 0 | ''>;
    lastError = outcome.error;
    await delay(Math.min(everyMs, Math.max(0, endsAt - performance.now())));
  }
  throw lastError;
}

interface StillOptions extends EventuallyOptions {
  /** For how long the number must stay the same, in milliseconds; 2,000 by default. */
  readonly stillMs?: number;
}

/** Waits until a number has stopped changing, and returns it; 0 means that what is counted has yet to begin. */
export function onceStill(
  count: () => Promise<number>,
  { stillMs = 2_000, ...options }: StillOptions = {},
): Promise<number> {
  let last = -1;
  let since = performance.now();
  return eventually(
    async () => {
      const now = await count();
      if (now !== last) since = performance.now();
      last = now;
      return performance.now() - since > stillMs && now;
    },
    { everyMs: 100, ...options },
  );
}

async function attempt<T>(probe: () => T | Promise<T>): Promise<{ value: T } | { error: unknown }> {
  try {
    const value = await probe();
    if (value === undefined || value) return { value };
    return { error: new Error(`eventually: the last try returned ${String(value) || "''"}`) };
  } catch (error) {
    return { error };
  }
}

function startDeadline(ms: number): Disposable & { passed: Promise<undefined> } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  return { passed: promise, [Symbol.dispose]: () => clearTimeout(timer) };
}
