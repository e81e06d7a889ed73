/** Turns the error of a missing file into a value. */

/** `undefined` where the file does not exist. */
export async function orGone<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
