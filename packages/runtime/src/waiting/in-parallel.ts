/** Works through many things, a few at a time. */

/**
 * Does the work for each thing, at most `atOnce` at a time, and reads no further ahead than that. After the first
 * failure it starts nothing more, waits for work in progress, and throws that failure.
 */
export async function inParallel<T>(
  things: Iterable<T> | AsyncIterable<T>,
  atOnce: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const waiting = Symbol.asyncIterator in things ? things[Symbol.asyncIterator]() : things[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    try {
      for (let next = await waiting.next(); !next.done; next = await waiting.next()) {
        if (failures.length > 0) return;
        await work(next.value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length === 0) return;
  await waiting.return?.();
  throw failures[0];
}
