/** Stopping what a signal stops, even where it aborted while that was still being opened. */

/** Acts when the signal aborts, or at once where it has. Disposing of it calls that off. */
export function onAbort(signal: AbortSignal | undefined, act: () => void): Disposable {
  if (signal?.aborted) act();
  else signal?.addEventListener('abort', act, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', act) };
}
