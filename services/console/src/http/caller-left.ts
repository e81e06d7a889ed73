/** Ends work when its caller disconnects, so that others don't wait for an answer that nobody reads. */
import type { FastifyReply } from 'fastify';
import { HttpProblem } from './problem.ts';

/**
 * Aborts when the connection closes before the answer has been sent. (Fastify's `request.signal` follows the request,
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

/** Never read by anyone: it ends the work the way every refusal does. */
const callerLeft = (): HttpProblem =>
  new HttpProblem(400, {
    code: 'caller-left',
    detail: 'the caller has disconnected',
    remedy: 'Ask again, and wait for the answer.',
  });
