/** Spares callers what they already have. */
import type { FastifyReply, FastifyRequest } from 'fastify';

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
