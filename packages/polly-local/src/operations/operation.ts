/** An operation of the API: a function from a call to a reply, which refuses by throwing an ApiError. */
import type { z } from 'zod';
import type { Sound } from '../call-stats.ts';
import { constraintError } from '../wire/api-error.ts';
import type { Route } from '../wire/routes.ts';

type Call = {
  readonly route: Route;
  /** The body as JSON; undefined when there was none. */
  readonly body: unknown;
  /** Aborts when the caller disconnects. */
  readonly signal: AbortSignal;
};

export type Reply =
  | { readonly kind: 'json'; readonly body: object; readonly paid?: Paid }
  | { readonly kind: 'audio'; readonly contentType: string; readonly bytes: Uint8Array; readonly paid: Paid };

type Paid = { readonly characters: number; readonly sound: Sound };

export type Operation = (call: Call) => Promise<Reply> | Reply;

/** @throws ApiError ValidationException naming the first field that violates the API's model. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input ?? {}, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.map(String).join('.') ?? '';
  throw constraintError(path.charAt(0).toLowerCase() + path.slice(1), issue?.input, constraintOf(issue));
}

function constraintOf(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'invalid_value':
      return issue.input === undefined
        ? 'Member must not be null'
        : `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${issue.pattern ?? ''}`;
    case 'too_big':
      return `Member must have value or length less than or equal to ${issue.maximum}`;
    case 'too_small':
      return `Member must have value or length greater than or equal to ${issue.minimum}`;
    default:
      return issue?.input === undefined
        ? 'Member must not be null'
        : (issue.message ?? 'Member is not valid');
  }
}
