/** Runs the work of services in this process, each until it is told to end. */

export type Work = (signal: AbortSignal) => Promise<void>;

interface Among {
  readonly stack: AsyncDisposableStack;
  /** Rejected if the work fails. */
  readonly failed: PromiseWithResolvers<never>;
  /** Resolves when there is no point in waiting for the broker any longer. */
  readonly inVain?: Promise<void>;
}

/**
 * Runs the work until the returned function is called or the stack is disposed of. Both wait for the work to end,
 * unless the work itself waits for a broker that won't come back.
 */
export function runUntilTold(work: Work, { stack, failed, inVain }: Among): () => Promise<void> {
  const stopping = new AbortController();
  const running = work(stopping.signal);
  running.catch(failed.reject);
  const ended = running.catch(() => undefined);
  const end = async (): Promise<void> => {
    stopping.abort();
    await (inVain === undefined ? ended : Promise.race([ended, inVain]));
  };
  stack.defer(end);
  return end;
}

/** To be rejected by the first failure, whether or not anybody waits for it. */
export function firstFailure(): PromiseWithResolvers<never> {
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  return failed;
}
