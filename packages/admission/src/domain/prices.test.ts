/** Prices by engine, and exact amounts. */
import { describe, expect, it } from 'vitest';
import { costOfMonth, costOnTop, pricesFor, readFreeCharacters, readPrices, sumOf } from './prices.ts';

describe('prices', () => {
  it('are zero for the local engine, whatever the account pays', () => {
    expect(new Set(Object.values(pricesFor('local', { neural: '9' })))).toEqual(new Set(['0']));
  });

  it('are the list prices, except where the account has its own', () => {
    expect(pricesFor('polly', { neural: '12.5' })).toMatchObject({ standard: '4.00', neural: '12.5' });
  });

  it('are read from a setting', () => {
    expect(readPrices('neural=16.00, long-form=1')).toEqual({ neural: '16.00', 'long-form': '1' });
  });

  it.each(['', 'neural', 'neural=', 'neural=-1', 'fast=1', 'neural=1,neural=2', 'neural=1e3', 'neural=$1'])(
    'are not read from "%s"',
    (text) => {
      expect(readPrices(text)).toBeUndefined();
    },
  );
});

describe('free characters', () => {
  it('are read from a setting', () => {
    expect(readFreeCharacters('standard=5000000, neural=0')).toEqual({ standard: 5_000_000, neural: 0 });
  });

  it.each(['', 'neural', 'neural=1.5', 'neural=-1', 'fast=1', 'neural=1,neural=2', 'neural=1_000'])(
    'are not read from "%s"',
    (text) => {
      expect(readFreeCharacters(text)).toBeUndefined();
    },
  );

  it('are the first ones of a month, for each engine separately', () => {
    const tariff = { prices: pricesFor('polly'), free: { neural: 1_000_000 } };
    expect(costOfMonth({ neural: 1_000_000 }, tariff)).toBe(0n);
    expect(costOfMonth({ neural: 1_000_001, standard: 1 }, tariff)).toBe(20_000_000n);
    expect(costOnTop({ neural: 999_990 }, { neural: 30 }, tariff)).toBe(20n * 16_000_000n);
    expect(costOnTop({ neural: 2_000_000 }, { neural: 30 }, tariff)).toBe(30n * 16_000_000n);
  });

  it('add up by engine', () => {
    expect(sumOf({ neural: 1 }, {}, { neural: 2, standard: 5 })).toEqual({ neural: 3, standard: 5 });
  });
});
