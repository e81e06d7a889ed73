/** Goes through long lists without blocking the event loop. */
import { setImmediate } from 'node:timers/promises';

/** Number of entries between two turns of the event loop: a few milliseconds of hashing. */
const AT_ONCE = 500;

/** Like `map`, but yields to the event loop in between. Rejects with the signal's reason when it aborts. */
export async function mapInTurns<T, U>(
  list: readonly T[],
  map: (each: T, at: number) => U,
  signal?: AbortSignal,
): Promise<U[]> {
  const mapped: U[] = [];
  for (const [at, each] of list.entries()) {
    if (at % AT_ONCE === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    mapped.push(map(each, at));
  }
  return mapped;
}
