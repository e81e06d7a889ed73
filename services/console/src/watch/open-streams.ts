/** How many live streams each caller has open: each holds a connection for as long as somebody watches, so they are bounded. */
import { PerCaller } from '../http/per-caller.ts';
import { HttpProblem } from '../http/problem.ts';

/** More than anybody looks at: a tab has one, and lets it go a minute after it was looked at last. */
export const MOST_STREAMS = 100;

export const openStreams = (): PerCaller => new PerCaller(MOST_STREAMS, tooMany);

const tooMany = (): HttpProblem =>
  new HttpProblem(429, {
    code: 'too-many-streams',
    detail: `one caller may have ${MOST_STREAMS} live streams open at a time`,
    remedy: 'Close one that nobody watches any more, then come back.',
    headers: { 'retry-after': '5' },
  });
