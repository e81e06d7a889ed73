/** Many requests to the broker at once, but not all of them. */

const AT_ONCE = 32;

/** Does the work for each item, at most 32 at a time; rejects with the first failure, and begins no more. */
export async function inParallel<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
