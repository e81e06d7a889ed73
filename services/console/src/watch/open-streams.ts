/** Limits the live streams each caller has open: each holds a connection for as long as someone watches. */
import { PerCaller } from '../http/per-caller.ts';
import { HttpProblem } from '../http/problem.ts';

/** More than anyone needs: a tab has one, and closes it soon after being hidden. */
export const MOST_STREAMS = 100;

export const openStreams = (): PerCaller => new PerCaller(MOST_STREAMS, tooMany);

const tooMany = (): HttpProblem =>
  new HttpProblem(429, {
    code: 'too-many-streams',
    detail: `one caller can have ${MOST_STREAMS} live streams open at a time`,
    remedy: 'Close one that nobody watches any more, then reconnect.',
    headers: { 'retry-after': '5' },
  });
