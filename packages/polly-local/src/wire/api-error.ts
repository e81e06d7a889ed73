/** What Polly refuses, by the names it gives: the only exceptions that reach a client as they are. */
import { POLLY_ERRORS } from '@setlist/polly';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** As in `x-amzn-errortype`: `InvalidSsmlException`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, options?: ErrorOptions & { status?: number }) {
    super(message, options);
    this.code = code;
    this.status = options?.status ?? POLLY_ERRORS[code]?.status ?? 400;
  }
}

/** A field with a value that the API's model doesn't allow, in AWS's words. */
export function constraintError(field: string, value: unknown, constraint: string): ApiError {
  const shown = value === undefined ? 'at' : `'${String(value).slice(0, 200)}' at`;
  return new ApiError(
    'ValidationException',
    `1 validation error detected: Value ${shown} '${field}' failed to satisfy constraint: ${constraint}`,
  );
}
