/** Polly's refusals, under Polly's names: the only exceptions that reach a client unchanged. */
import { POLLY_ERRORS } from '@setlist/polly';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** The value of `x-amzn-errortype`, such as `InvalidSsmlException`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, options?: ErrorOptions & { status?: number }) {
    super(message, options);
    this.code = code;
    this.status = options?.status ?? POLLY_ERRORS[code]?.status ?? 400;
  }
}

/** The error for a field that violates the API's model, in AWS's words. */
export function constraintError(field: string, value: unknown, constraint: string): ApiError {
  const shown = value === undefined ? 'at' : `'${String(value).slice(0, 200)}' at`;
  return new ApiError(
    'ValidationException',
    `1 validation error detected: Value ${shown} '${field}' failed to satisfy constraint: ${constraint}`,
  );
}
