/** A pause that can be cut short. */

/** Resolves after `ms`, or as soon as `aborted` aborts. */
export function pause(ms: number, aborted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      aborted.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, aborted.aborted ? 0 : ms);
    aborted.addEventListener('abort', end);
  });
}
