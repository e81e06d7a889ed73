import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LookUps } from '../quota/look-ups.ts';
import { Lexicons } from './lexicons.ts';

const never = new AbortController().signal;
const lookUps = new LookUps({ acquire: async () => true, slowDown: async () => undefined }, never);

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('a look-up is shared until it ends, however long it takes, and for five seconds after its answer', async () => {
  const answers: Array<PromiseWithResolvers<string>> = [];
  const lexiconDigest = (): Promise<string> => {
    const answer = Promise.withResolvers<string>();
    answers.push(answer);
    return answer.promise;
  };
  const lexicons = new Lexicons({ lexiconDigest }, lookUps, never);
  const first = lexicons.recent('w3c');
  vi.advanceTimersByTime(60_000);
  const second = lexicons.recent('w3c');
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.resolve('a');
  expect(await Promise.all([first, second])).toEqual(['a', 'a']);
  vi.advanceTimersByTime(4_999);
  expect(await lexicons.recent('w3c')).toBe('a');
  vi.advanceTimersByTime(1);
  const third = lexicons.recent('w3c');
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.resolve('b');
  expect(await third).toBe('b');
});

test('questions about one lexicon at the same time make one look-up, and a later one makes another', async () => {
  const lookedUp: string[] = [];
  const speech = {
    lexiconDigest: async (name: string) => {
      lookedUp.push(name);
      return `digest ${lookedUp.length}`;
    },
  };
  const lexicons = new Lexicons(speech, lookUps, never);
  expect(await Promise.all([lexicons.asked('a'), lexicons.asked('a'), lexicons.recent('a')])).toEqual(
    Array(3).fill('digest 1'),
  );
  expect(await lexicons.asked('a')).toBe('digest 2');
  expect(lookedUp).toEqual(['a', 'a']);
});

test('a known answer is renewed by the way, before it gets too old for those who can’t wait', async () => {
  const speech = { lexiconDigest: vi.fn(async () => `digest ${speech.lexiconDigest.mock.calls.length}`) };
  const lexicons = new Lexicons(speech, lookUps, never);
  expect(lexicons.latest('a')).toBeUndefined();
  await lexicons.recent('a');
  vi.advanceTimersByTime(2_000);
  expect(lexicons.latest('a')).toMatchObject({ digest: 'digest 1' });
  expect(speech.lexiconDigest).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(2_000);
  expect(lexicons.latest('a')).toMatchObject({ digest: 'digest 1' });
  await vi.waitFor(() => expect(lexicons.latest('a')).toMatchObject({ digest: 'digest 2' }));
  vi.advanceTimersByTime(5_000);
  expect(lexicons.latest('a')).toBeUndefined();
});
