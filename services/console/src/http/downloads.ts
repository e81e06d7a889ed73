/** Limits the downloads each caller has at a time: one that is not read holds a connection and some memory. */
import type { FastifyReply } from 'fastify';
import { PerCaller } from './per-caller.ts';
import { HttpProblem } from './problem.ts';

/** More than a browser requests from one host at once. */
export const MOST_DOWNLOADS = 20;

const downloads = new PerCaller(MOST_DOWNLOADS, tooMany);

/** Counts a download until its answer is sent or its client has left. Throws an {@link HttpProblem} at the limit. */
export function countDownload(caller: string, { raw }: FastifyReply): void {
  const place = downloads.take(caller);
  if (raw.destroyed) place[Symbol.dispose]();
  else raw.once('close', () => place[Symbol.dispose]());
}

function tooMany(): HttpProblem {
  return new HttpProblem(429, {
    code: 'too-many-downloads',
    detail: `one caller can have ${MOST_DOWNLOADS} downloads at a time`,
    remedy: 'Ask again when one of them has finished.',
    headers: { 'retry-after': '5' },
  });
}
