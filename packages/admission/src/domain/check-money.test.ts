/** Which sets are refused for their cost, and with which message. */
import { describe, expect, it } from 'vitest';
import { setOf } from '../../test/sets.ts';
import { type Account, checkMoney } from './check-money.ts';
import { pricesFor } from './prices.ts';
import { type RunOptions, termsOf } from './run-options.ts';

const account: Account = {
  tariff: { prices: pricesFor('polly'), free: {} },
  unpaid: { neural: 125_000 },
  gone: {},
  spent: {},
  open: {},
  now: new Date('2026-12-30T12:00:00Z'),
};

function check(changes: Partial<Account>, budgetUsd?: string, options: RunOptions = {}) {
  const set = setOf({
    places: { budget: { line: 3, column: 11 } },
    ...(budgetUsd === undefined ? {} : { budgetUsd }),
  });
  return checkMoney(set, termsOf(set, options), { ...account, ...changes });
}

describe('a budget', () => {
  it('is enough when met exactly, and exceeded by a picodollar more', () => {
    expect(check({}, '2')).toBeUndefined();
    expect(check({}, '1.999999999999')).toMatchObject({
      code: 'budget',
      line: 3,
      column: 11,
      path: 'set.budget',
    });
  });

  it('is refused with the exact cost, which can be less than a cent more', () => {
    expect(check({ unpaid: { neural: 156_260 } }, '2.50')?.message).toBe(
      'what is not paid for yet costs 2.50016 USD, more than the budget of 2.50 USD',
    );
  });

  it('is refused with mention of sounds that are gone from the store', () => {
    expect(check({ gone: { neural: 1 } }, '1.5')?.message).toBe(
      'what is not paid for yet, or paid for and gone from the store, costs 2.00 USD, more than the budget of 1.5 USD',
    );
  });

  it('is refused with what it would cost, what is allowed and what to do', () => {
    expect(check({}, '1.5')).toMatchObject({
      message: 'what is not paid for yet costs 2.00 USD, more than the budget of 1.5 USD',
      remedy: 'raise the budget, choose a cheaper engine, or take items out',
    });
  });

  it('is the smaller one of the run’s and the file’s', () => {
    const byRun = check({}, '3', { maxUsd: '1' });
    expect(byRun).toMatchObject({ code: 'budget', line: 1, column: 1, path: '' });
    expect(byRun?.message).toContain('the --max-usd of 1 USD');
    expect(check({}, '1', { maxUsd: '3' })?.path).toBe('set.budget');
    expect(check({}, undefined, { maxUsd: '2.00' })).toBeUndefined();
  });

  it('takes into account the free characters that the month and open sets have left', () => {
    const tariff = { ...account.tariff, free: { neural: 200_000 } };
    expect(check({ tariff }, '0')).toBeUndefined();
    expect(check({ tariff, spent: { neural: 75_000 } }, '0')).toBeUndefined();
    expect(check({ tariff, spent: { neural: 50_000 }, open: { neural: 50_000 } }, '0.39')?.message).toContain(
      'costs 0.40 USD',
    );
  });
});

describe('the cap of a month', () => {
  const month = { spent: { neural: 1_000_000 }, open: { standard: 500_000 } };

  it('applies to the sum of what is paid, what open sets may cost and what the set would cost', () => {
    expect(check({ ...month, monthlyUsd: '20' })).toBeUndefined();
    expect(check({ ...month, monthlyUsd: '19.99' })).toEqual({
      line: 1,
      column: 1,
      path: '',
      code: 'monthly-cap',
      message:
        'what is not paid for yet costs 2.00 USD; with 16.00 USD paid this month and up to 2.00 USD that open sets may still cost, that is more than the 19.99 USD allowed a month',
      remedy:
        'wait for open sets to end or for 2027-01-01 (UTC), take items out, or have the operator raise MONTHLY_USD',
    });
  });

  it('lets in a set that costs nothing more, even when it is reached', () => {
    expect(check({ ...month, unpaid: {}, monthlyUsd: '1' })).toBeUndefined();
  });
});
