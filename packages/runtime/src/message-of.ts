/** What a failure says, whatever was thrown. */

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What can be done about a failure, where it says so. */
export function remedyOf(error: unknown): string | undefined {
  const remedy = error instanceof Error && 'remedy' in error ? error.remedy : undefined;
  return typeof remedy === 'string' ? remedy : undefined;
}
