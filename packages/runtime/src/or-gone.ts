/** Turns the error of a missing file into a value. */

/** `undefined` where the file does not exist. */
export async function orGone<T>(action: Promise<T>): Promise<T | undefined> {
  try {
    return await action;
  } catch (error) {
    return unlessOther(error);
  }
}

/** As {@link orGone}, for what is read at once. */
export function orGoneSync<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    return unlessOther(error);
  }
}

function unlessOther(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
