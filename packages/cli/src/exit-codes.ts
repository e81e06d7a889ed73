/** The process's exit codes, for scripts. */

export const EXIT = {
  done: 0,
  someFailed: 1,
  refused: 2,
  missing: 3,
  cancelled: 4,
  interrupted: 130,
  unread: 141,
  terminated: 143,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code, out of those of several sets, that needs the user's attention first. */
export function worstOf(codes: Iterable<ExitCode>): ExitCode {
  const order: readonly ExitCode[] = [EXIT.refused, EXIT.missing, EXIT.cancelled, EXIT.someFailed];
  const all = new Set(codes);
  return order.find((code) => all.has(code)) ?? EXIT.done;
}
