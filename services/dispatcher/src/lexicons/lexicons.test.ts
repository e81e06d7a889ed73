import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Lexicon, SpeechProvider } from '../adapters/polly-speech.ts';
import { LookUps } from '../quota/look-ups.ts';
import { Lexicons } from './lexicons.ts';

const never = new AbortController().signal;
const lookUps = new LookUps({ acquire: async () => true, slowDown: async () => undefined }, never);

const lexiconsOf = (lexicon: SpeechProvider['lexicon']) => {
  const logger = { warn: vi.fn() };
  const lexicons = new Lexicons({ provider: 'polly', speech: { lexicon }, lookUps, logger, draining: never });
  return { lexicons, logger };
};
const old = (sha256: string): Lexicon => ({ sha256, ageMs: 86_400_000 });

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

test('a look-up is shared until it ends, however long it takes, and for five seconds after its answer', async () => {
  const answers: Array<PromiseWithResolvers<Lexicon>> = [];
  const { lexicons } = lexiconsOf(() => {
    const answer = Promise.withResolvers<Lexicon>();
    answers.push(answer);
    return answer.promise;
  });
  const first = lexicons.recent('w3c', 'a', 0);
  vi.advanceTimersByTime(60_000);
  const second = lexicons.recent('w3c', 'a', 0);
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  answers[0]?.resolve(old('a'));
  expect(await Promise.all([first, second])).toEqual(['a', 'a']);
  vi.advanceTimersByTime(4_999);
  expect(await lexicons.recent('w3c', 'a', 0)).toBe('a');
  vi.advanceTimersByTime(1);
  const third = lexicons.recent('w3c', 'a', 0);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.resolve(old('b'));
  expect(await third).toBe('b');
});

test('questions about one lexicon at the same time make one look-up, and a later one makes another', async () => {
  const lookedUp: string[] = [];
  const { lexicons } = lexiconsOf(async (name) => {
    lookedUp.push(name);
    return old(`digest ${lookedUp.length}`);
  });
  expect(
    await Promise.all([lexicons.asked('a'), lexicons.asked('a'), lexicons.recent('a', 'digest 1', 0)]),
  ).toEqual(Array(3).fill('digest 1'));
  expect(await lexicons.asked('a')).toBe('digest 2');
  expect(lookedUp).toEqual(['a', 'a']);
});

test('a known answer is renewed by the way, before it gets too old for those who can’t wait', async () => {
  let looks = 0;
  const { lexicons } = lexiconsOf(async () => old(`digest ${++looks}`));
  expect(lexicons.latest('a')).toBeUndefined();
  await lexicons.recent('a', 'digest 1', 0);
  vi.advanceTimersByTime(2_000);
  expect(lexicons.latest('a')).toMatchObject({ digest: 'digest 1' });
  expect(looks).toBe(1);
  vi.advanceTimersByTime(2_000);
  expect(lexicons.latest('a')).toMatchObject({ digest: 'digest 1' });
  await vi.waitFor(() => expect(lexicons.latest('a')).toMatchObject({ digest: 'digest 2' }));
  vi.advanceTimersByTime(5_000);
  expect(lexicons.latest('a')).toBeUndefined();
});

test('an item waits while its lexicon is so new that calls may not use it yet, but not one whose lexicon was changed', async () => {
  const { lexicons, logger } = lexiconsOf(async () => ({ sha256: 'new', ageMs: 120_000 - 20 }));
  const done = vi.fn();
  const waiting = [lexicons.recent('a', 'new', 0).then(done), lexicons.recent('a', 'new', 0).then(done)];
  await vi.waitFor(() => expect(logger.warn).toHaveBeenCalled());
  expect(await lexicons.recent('a', 'earlier', 0)).toBe('new');
  expect(await lexicons.asked('a')).toBe('new');
  expect(done).not.toHaveBeenCalled();
  vi.advanceTimersByTime(20);
  await Promise.all(waiting);
  expect(logger.warn).toHaveBeenCalledTimes(1);
});

test('an answer that may be older than an item’s request does not refuse it; the next look-up does, for all', async () => {
  const answers: Array<PromiseWithResolvers<Lexicon>> = [];
  const { lexicons } = lexiconsOf(() => {
    const answer = Promise.withResolvers<Lexicon>();
    answers.push(answer);
    return answer.promise;
  });
  const earlier = lexicons.recent('a', 'earlier', 0);
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  vi.advanceTimersByTime(1);
  const taken = performance.now();
  const later = ['now', 'something else'].map((wanted) => lexicons.recent('a', wanted, taken));
  const asked = lexicons.asked('a');
  answers[0]?.resolve(old('earlier'));
  expect(await earlier).toBe('earlier');
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.resolve(old('now'));
  expect(await Promise.all([...later, asked])).toEqual(['now', 'now', 'now']);
  expect(await lexicons.recent('a', 'earlier', taken)).toBe('now');
});

test('while an upload may not have settled, a look-up that finds what was there before is made again', async () => {
  const found = ['earlier', 'now'];
  const { lexicons, logger } = lexiconsOf(async () => old(found.shift() ?? ''));
  const waiting = lexicons.recent('a', 'now', performance.now() + 20);
  await new Promise((resolve) => setImmediate(resolve));
  expect(logger.warn).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(20);
  expect(await waiting).toBe('now');
});
