/** What is no longer there is an answer, not a failure. */

/** Undefined where the file is not there (any more). */
export async function orGone<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
