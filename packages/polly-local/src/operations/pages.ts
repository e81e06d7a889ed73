/** Cuts lists into pages, with a token that says where the next one begins. */
import { ApiError } from '../wire/api-error.ts';

export type Page<T> = { readonly items: readonly T[]; readonly nextToken?: string };

/**
 * @param all in a stable order; `key`, which the token holds, must be unique and in that order.
 * @throws ApiError InvalidNextTokenException for a token that this server didn't make.
 */
export function pageOf<T>(
  all: readonly T[],
  key: (item: T) => string,
  size: number,
  token?: string | null,
): Page<T> {
  const after = token ? readToken(token) : undefined;
  const start = after === undefined ? 0 : all.findIndex((item) => key(item) > after);
  const items = start < 0 ? [] : all.slice(start, start + size);
  const last = items.at(-1);
  return last !== undefined && start + size < all.length
    ? { items, nextToken: writeToken(key(last)) }
    : { items };
}

const PREFIX = 'after:';

const writeToken = (key: string) => Buffer.from(PREFIX + key).toString('base64url');

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (text.startsWith(PREFIX) && writeToken(text.slice(PREFIX.length)) === token)
    return text.slice(PREFIX.length);
  throw new ApiError('InvalidNextTokenException', 'The NextToken is invalid');
}
