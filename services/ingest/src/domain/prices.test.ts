/** Prices by engine, and amounts that lose nothing. */
import { describe, expect, it } from 'vitest';
import { exactUsd, exceeds, pricesFor, readPrices } from './prices.ts';

describe('prices', () => {
  it('are nothing for the local engine, whatever the account pays', () => {
    expect(new Set(Object.values(pricesFor('local', { neural: '9' })))).toEqual(new Set(['0']));
  });

  it('are the list prices, except those that the account has of its own', () => {
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

  it('make amounts that are exact', () => {
    expect(exactUsd(64_000_000n)).toBe('0.000064');
    expect(exactUsd(12_500_000_000_000n)).toBe('12.50');
    expect(exactUsd(0n)).toBe('0.00');
    expect(exceeds(5_000_000_000_001n, '5')).toBe(true);
    expect(exceeds(5_000_000_000_000n, '5.00')).toBe(false);
  });
});
