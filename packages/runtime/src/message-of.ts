/** Reads the message and remedy of a failure, whatever was thrown. */

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The failure's remedy, if it has one. */
export function remedyOf(error: unknown): string | undefined {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  return typeof remedy === 'string' ? remedy : undefined;
}
