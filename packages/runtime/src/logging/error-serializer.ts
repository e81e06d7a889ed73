/** What of an error goes into the log: enough to find the cause, none of the data that failed. */

export type SerializedError = {
  name: string;
  message: string;
  code?: string | number;
  remedy?: string;
  stack?: string;
  cause?: SerializedError | string;
  errors?: (SerializedError | string)[];
};

/** A chain longer than this is a loop, or nothing that anyone reads. */
const DEEPEST_CAUSE = 8;

/**
 * An error's name, code, message, remedy and stack, and the same of its causes and of the errors it gathers.
 * Any other property is left out: SDKs hang whole requests on their errors, phrases included. What is no
 * error at all is named by its text or type.
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
