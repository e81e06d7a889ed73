/** How many files each caller is sent at a time: what is begun and not taken holds a connection, and some memory. */
import type { FastifyReply } from 'fastify';
import { PerCaller } from './per-caller.ts';
import { HttpProblem } from './problem.ts';

/** More than a browser asks of one place at once. */
export const MOST_DOWNLOADS = 20;

const downloads = new PerCaller(MOST_DOWNLOADS, tooMany);

/** Counts one until its answer has gone out or nobody takes it any more. Throws an {@link HttpProblem} where they are enough. */
export function countDownload(caller: string, { raw }: FastifyReply): void {
  const place = downloads.take(caller);
  if (raw.destroyed) place[Symbol.dispose]();
  else raw.once('close', () => place[Symbol.dispose]());
}

function tooMany(): HttpProblem {
  return new HttpProblem(429, {
    code: 'too-many-downloads',
    detail: `one caller may be sent ${MOST_DOWNLOADS} files at a time`,
    remedy: 'Ask again when one of them has come.',
    headers: { 'retry-after': '5' },
  });
}
