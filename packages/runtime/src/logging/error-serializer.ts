/** The part of an error that goes into the log: enough to find the cause, and none of the data that failed. */

export type SerializedError = {
  name: string;
  message: string;
  code?: string | number;
  remedy?: string;
  stack?: string;
  cause?: SerializedError | string;
  errors?: (SerializedError | string)[];
};

/** How deep to follow causes: a longer chain is a loop, or too long to read. */
const DEEPEST_CAUSE = 8;

/**
 * An error's name, code, message, remedy and stack, and the same for its causes and for the errors it aggregates.
 * Leaves out any other property: SDKs attach whole requests to their errors, phrases included. A thrown string is
 * returned as it is, and any other value as its type.
 */
export function errorSerializer(error: unknown, depth = 0): SerializedError | string {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : `(thrown: ${typeof error})`;
  const { code, remedy, errors } = error as { code?: unknown; remedy?: unknown; errors?: unknown };
  const nested = depth < DEEPEST_CAUSE;
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(typeof remedy === 'string' ? { remedy } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(nested && error.cause !== undefined ? { cause: errorSerializer(error.cause, depth + 1) } : {}),
    ...(nested && Array.isArray(errors)
      ? { errors: errors.map((one) => errorSerializer(one, depth + 1)) }
      : {}),
  };
}
