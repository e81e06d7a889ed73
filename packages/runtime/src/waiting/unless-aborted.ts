/** Waits for work that continues even if nobody waits for it any longer. */
import { addAbortListener } from 'node:events';

/** The result of the work. If the signal aborts first, throws its reason and leaves the work running. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  using _stop = addAbortListener(signal, () => aborted.reject(signal.reason));
  return await Promise.race([work, aborted.promise]);
}
