/** Spares callers what they already have. */
import type { SetSummary } from '@setlist/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Sets the `ETag` of the answer.
 * @returns whether the caller already has this version; then the status is set to 304
 */
export function isUnchanged(request: FastifyRequest, reply: FastifyReply, version: string): boolean {
  const etag = `"${version}"`;
  reply.header('etag', etag).header('cache-control', 'private, no-cache');
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!known?.includes(etag)) return false;
  reply.code(304);
  return true;
}

/**
 * The version of what is known of a set. After a power cut has taken the log's end, its places are given out again: what
 * tells two such events apart is the chain.
 * @param seq the place in the log that the answer includes
 */
export const versionOf = ({ lastSeq, chain }: SetSummary, seq = lastSeq): string =>
  `${seq}-${chain.head.slice(0, 16)}`;
