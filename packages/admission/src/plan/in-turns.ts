/** Going through long lists without keeping the event loop from everybody else. */
import { setImmediate } from 'node:timers/promises';

/** Some milliseconds of hashing. */
const AT_ONCE = 500;

/** Like `map`, with turns for others in between; rejects with the signal's own reason when it aborts. */
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
