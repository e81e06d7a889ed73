import { beforeEach, expect, test } from 'vitest';
import { RateLimiter, type Turn } from './rate-limiter.ts';

let nowMs: number;
let rateLimiter: RateLimiter;

beforeEach(() => {
  nowMs = 0;
  rateLimiter = new RateLimiter(2, () => nowMs);
});

const takes = (count: number): Turn[] => Array.from({ length: count }, () => rateLimiter.take());

test('turns come at the rate; messages whose turn is far off are told when to ask again, each a turn later', () => {
  expect(takes(6)).toEqual([
    { inMs: 0 },
    { inMs: 500 },
    { inMs: 1_000 },
    { askAgainInMs: 1_500 },
    { askAgainInMs: 2_000 },
    { askAgainInMs: 2_500 },
  ]);
});

test('quiet time gives no burst afterwards', () => {
  rateLimiter.take();
  nowMs = 60_000;
  expect(takes(3)).toEqual([{ inMs: 0 }, { inMs: 500 }, { inMs: 1_000 }]);
});

test('a thousand messages that come back when told all get their turn, no two within half a second', () => {
  const asking = Array.from({ length: 1_000 }, () => 0);
  const taken: number[] = [];
  let asked = 0;
  while (asking.length > 0) {
    asking.sort((a, b) => a - b);
    nowMs = Math.max(nowMs, asking.shift() ?? 0);
    const turn = rateLimiter.take();
    asked++;
    if ('inMs' in turn) taken.push(nowMs + turn.inMs);
    else asking.push(nowMs + turn.askAgainInMs);
  }
  expect(taken).toHaveLength(1_000);
  taken.sort((a, b) => a - b);
  expect(Math.min(...taken.slice(1).map((turn, at) => turn - (taken[at] ?? 0)))).toBe(500);
  expect(taken.at(-1)).toBe(499_500);
  expect(asked).toBeLessThan(2_100);
});
