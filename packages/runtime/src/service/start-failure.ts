/** Says whether a start failed because something the service needs is missing, and what to do about it. */
import { systemRemedy } from './system-remedies.ts';

export type StartFailure = {
  /** 3: something it needs is missing or down, so a restart alone may not help; 1: any other failure. */
  exitCode: 1 | 3;
  remedy?: string;
};

/**
 * Looks through the error, its causes and the errors it aggregates. One with its own `remedy`, or with a system code
 * that means something is missing, gives exit code 3 and a remedy.
 */
export function diagnoseStart(error: unknown): StartFailure {
  const chain = errorsWithin(error, new Set());
  for (const { remedy } of chain) if (typeof remedy === 'string') return { exitCode: 3, remedy };
  for (const { code } of chain) {
    const remedy = systemRemedy(code);
    if (remedy !== undefined) return { exitCode: 3, remedy };
  }
  return { exitCode: 1 };
}

type Traits = { code?: unknown; remedy?: unknown; cause?: unknown; errors?: unknown };

function errorsWithin(error: unknown, seen: Set<unknown>): Traits[] {
  if (typeof error !== 'object' || error === null || seen.has(error)) return [];
  seen.add(error);
  const traits: Traits = error;
  const gathered: unknown[] = Array.isArray(traits.errors) ? traits.errors : [];
  return [traits, ...[traits.cause, ...gathered].flatMap((inner) => errorsWithin(inner, seen))];
}
