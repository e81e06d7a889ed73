/**
 * The client flushes its socket when publishing pauses. Without batching, concurrent work on many items makes one write
 * per message, and each wakes the broker, which costs both sides more than the message itself.
 */
let turn: Promise<void> | undefined;

/** Resolves at the end of this turn of the event loop: what several callers then publish leaves in one write. */
export const inOneWrite = (): Promise<void> => {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
};
