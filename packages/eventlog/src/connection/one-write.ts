/**
 * The client writes to its socket after whatever publishes without a pause in between. Work of many items side by side would
 * be a write for each message, and each wakes the broker up, which costs both sides more than most messages do.
 */
let turn: Promise<void> | undefined;

/** Ends with this turn of the event loop: what several publish right after it leaves in one write. */
export const inOneWrite = (): Promise<void> => {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
};
