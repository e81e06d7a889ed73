/** How lexicons are asked for when many sets name many of them, against an answerer as slow as Polly allows. */
import { lexiconQuestion } from '@setlist/contracts';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { lexiconDigests } from './lexicons.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Looks up five names a second for all askers together, and none of them exists; an asker doesn't wait longer than it says. */
function slowAnswerer() {
  let freeAt = 0;
  const lookUp = (): Promise<void> => {
    freeAt = Math.max(freeAt, performance.now()) + 200;
    return new Promise((resolve) => void setTimeout(resolve, freeAt - performance.now()));
  };
  const answer = async (question: unknown): Promise<unknown> => {
    for (const _ of lexiconQuestion.parse(question).names) await lookUp();
    return { digests: {} };
  };
  const ask = (_: string, question: unknown, timeoutMs = 5_000): Promise<unknown> =>
    Promise.race([
      answer(question),
      new Promise((_, reject) => void setTimeout(() => reject(new Error('no answer in time')), timeoutMs)),
    ]);
  return { ask };
}

test('five sets that name a hundred lexicons each are all answered, at five look-ups a second', async () => {
  const log = slowAnswerer();
  const namedBy = (set: string) => new Set(Array.from({ length: 100 }, (_, index) => `${set}${index}`));
  const answers = Promise.allSettled(
    ['a', 'b', 'c', 'd', 'e'].map((set) => lexiconDigests(log, 'polly', namedBy(set))),
  );
  await vi.advanceTimersByTimeAsync(101_000);
  expect(await answers).toEqual(Array(5).fill({ status: 'fulfilled', value: new Map() }));
});
