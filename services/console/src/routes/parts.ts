/** Parameters that several routes take. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problemSchema } from '../http/problem.ts';

export const setParams = z.object({ setId: z.string().regex(/^[A-Za-z0-9-]{1,120}$/, 'must be a set id') });
export const itemParams = setParams.extend({ index: z.coerce.number().int().nonnegative() });

/** Of a write: what makes it take effect once, however often it is asked for. */
export const onceHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe('one for each write, such as a UUID: asked for again with it, a write only repeats its answer'),
});

/** What to do where audio is no longer where it was put. */
export const GONE_REMEDY = 'Run the set again: what is paid for is put in its place without paying again.';

/** What to do where another run's audio has taken its place. */
export const REPLACED_REMEDY =
  'Take it from the newest run that writes it, or run this set file again: what is paid is reused.';

/** How many a page has. */
export const limit = (most: number, usual: number) => z.coerce.number().int().min(1).max(most).default(usual);

/** Refusals that any route may answer with. */
export const refusals = { '4xx': problemSchema, 503: problemSchema } as const;

/**
 * Names the version of what is about to be answered.
 * @returns whether the caller has that very version already, and the answer is out
 */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, version: string | number): boolean {
  const etag = `"${version}"`;
  reply.header('etag', etag).header('cache-control', 'private, no-cache');
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!known?.includes(etag)) return false;
  reply.code(304);
  return true;
}
