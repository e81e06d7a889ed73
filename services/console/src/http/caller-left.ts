/** Work for a caller ends when the caller leaves, so that nobody waits for what nobody reads. */
import type { FastifyReply } from 'fastify';
import { HttpProblem } from './problem.ts';

/**
 * Aborts when the connection closes before the answer has gone out. (Fastify's `request.signal` goes by the request,
 * which closes as soon as its body has been read.)
 */
export function untilCallerLeaves({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  const look = (): void => {
    if (!raw.writableFinished) left.abort(callerLeft());
  };
  if (raw.destroyed) look();
  else raw.once('close', look);
  return left.signal;
}

/** Nobody reads it: it ends the work as any refusal does. */
const callerLeft = (): HttpProblem =>
  new HttpProblem(400, {
    code: 'caller-left',
    detail: 'whoever asked has left',
    remedy: 'Ask again, and wait for the answer.',
  });
