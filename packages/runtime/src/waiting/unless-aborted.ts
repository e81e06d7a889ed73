/** Waiting for work that goes on without whoever waits for it. */
import { addAbortListener } from 'node:events';

/** What comes of the work, unless the signal aborts first: then its reason is thrown, and the work left to itself. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  using _stop = addAbortListener(signal, () => aborted.reject(signal.reason));
  return await Promise.race([work, aborted.promise]);
}
