import type { Plan } from '@setlist/admission';
import { expect, it } from 'vitest';
import { localCaller } from '../access/caller.ts';
import { planAnswer } from './plan-answer.ts';

const limited = { ...localCaller, seesAllSets: false };
const plan = {
  set: 'tour',
  prefix: 'tour',
  items: [],
  states: { new: 1, changed: 0, gone: 0, anew: 0, cached: 0 },
  billedCharacters: 1_000_000,
  estimatedSeconds: 1,
  leftBehind: [],
};
const tooDear = (message: string) => ({
  problem: { line: 1, column: 1, path: '', code: 'budget', message, remedy: 'raise --max-usd' },
});
const whileMuchIsFree: Plan = {
  ...plan,
  ...tooDear('what is not paid for yet costs 12.00 USD, more than the --max-usd of 1.00 USD'),
  estimatedUsd: '12.00',
  listUsd: '16.00',
  month: { spentUsd: '0.00', openUsd: '0.00' },
};
const whileNoneIs: Plan = {
  ...plan,
  ...tooDear('what is not paid for yet costs 16.00 USD, more than the --max-usd of 1.00 USD'),
  estimatedUsd: '16.00',
  month: { spentUsd: '160.00', openUsd: '0.00' },
};
const answerTo = (caller: typeof localCaller, asked: Plan) =>
  planAnswer(asked, { provider: 'polly', items: 100, caller });

it('tells a caller who can’t see all sets the same, whatever other sets have spent', () => {
  const answer = answerTo(limited, whileMuchIsFree);
  expect(answer).toEqual(answerTo(limited, whileNoneIs));
  expect(answer).toMatchObject({ estimatedUsd: '16.00', problem: { code: 'budget' } });
  expect(answer).not.toHaveProperty('listUsd');
});

it('tells a caller who sees all sets what is free this month', () => {
  expect(answerTo(localCaller, whileMuchIsFree)).toMatchObject({
    estimatedUsd: '12.00',
    listUsd: '16.00',
    month: { spentUsd: '0.00' },
    problem: { message: expect.stringContaining('12.00 USD') },
  });
});
