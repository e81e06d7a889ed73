/** A plan's price, given as the budget, is enough. */
import { expect, it } from 'vitest';
import { setOf } from '../../test/sets.ts';
import { termsOf } from '../domain/run-options.ts';
import { moneyConfig } from '../money-settings.ts';
import { planMoney } from './money.ts';

const planOf = (neural: number, maxUsd?: string) => {
  const set = setOf();
  const terms = termsOf(set, maxUsd === undefined ? {} : { maxUsd });
  const basis = { set, terms, settings: moneyConfig.parse({}), log: undefined };
  return planMoney({ unpaid: { neural }, gone: {} }, basis);
};

it.each([
  [156_250, '2.50'],
  [156_260, '2.51'],
  [288, '0.0047'],
  [619, '0.01'],
  [1, '0.000016'],
])('%i characters cost %s USD', async (characters, price) => {
  expect((await planOf(characters)).estimatedUsd).toBe(price);
  expect(await planOf(characters, price)).not.toHaveProperty('problem');
});
