/** Parameters that several routes take. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problemSchema } from '../http/problem.ts';

export const setParams = z.object({ setId: z.string().regex(/^[A-Za-z0-9-]{1,120}$/, 'must be a set id') });
export const itemParams = setParams.extend({ index: z.coerce.number().int().nonnegative() });

/** The header that makes a write idempotent. */
export const onceHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe(
      'a unique key for each write, such as a UUID: a retry with the same key only repeats the answer',
    ),
});

/** The remedy when audio is no longer where it was put. */
export const GONE_REMEDY =
  'Run the set again: paid sounds are put back in place without being paid for again.';

/** The remedy when another run's audio has replaced it. */
export const REPLACED_REMEDY =
  'Take it from the newest run that writes it, or run this set file again: paid sounds are reused.';

/** The page size. */
export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);

/** Refusals that any route can answer with. */
export const refusals = { '4xx': problemSchema, 503: problemSchema } as const;

/**
 * Sets the `ETag` of the answer.
 * @returns whether the caller already has this version; then the status is set to 304
 */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, version: string | number): boolean {
  const etag = `"${version}"`;
  reply.header('etag', etag).header('cache-control', 'private, no-cache');
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!known?.includes(etag)) return false;
  reply.code(304);
  return true;
}
