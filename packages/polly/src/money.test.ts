/** Money is exact: properties, and examples of what users see. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costOf, exactUsd, formatUsd, parseUsd } from './money.ts';

const picodollars = fc.bigInt({ min: 0n, max: 10n ** 20n });
const characters = fc.nat(100_000_000);
const price = fc.nat(1_000_000_000).map((micro) => exactUsd(BigInt(micro) * 1_000_000n));

describe('parseUsd', () => {
  test('reads back every amount that exactUsd wrote', () => {
    fc.assert(
      fc.property(picodollars, (amount) => {
        expect(parseUsd(exactUsd(amount))).toBe(amount);
      }),
    );
  });

  test.each([
    ['16.00', 16_000_000_000_000n],
    ['0.000004', 4_000_000n],
    ['007', 7_000_000_000_000n],
    ['0.000000000001', 1n],
  ])('reads %s', (text, amount) => {
    expect(parseUsd(text)).toBe(amount);
  });

  test.each([
    '',
    ' 1',
    '1 ',
    '$16',
    '1,000',
    '1e3',
    '.5',
    '5.',
    '1.2.3',
    'NaN',
    '0.0000000000001',
    '١',
    '-1',
    '+1',
    '1\n',
  ])('refuses %j', (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
  });
});

describe('formatUsd', () => {
  test.each([
    [0n, '0.00'],
    [parseUsd('16'), '16.00'],
    [parseUsd('1234567.891'), '1234567.89'],
    [parseUsd('0.01'), '0.01'],
    [parseUsd('0.0046'), '0.0046'],
    [parseUsd('0.000004'), '0.0000040'],
    [parseUsd('0.00999'), '0.0100'],
    [1n, '0.000000000001'],
  ])('writes %s as %s', (amount, text) => {
    expect(formatUsd(amount)).toBe(text);
  });

  test.each([
    ['0.015', '0.02'],
    ['0.01499', '0.01'],
    ['2.675', '2.68'],
    ['0.995', '1.00'],
    ['0.0004655', '0.00047'],
    ['0.000465', '0.00047'],
    ['0.0004649', '0.00046'],
  ])('rounds %s half up to %s', (amount, text) => {
    expect(formatUsd(parseUsd(amount))).toBe(text);
  });

  test('is never off by more than half of the last digit', () => {
    fc.assert(
      fc.property(fc.oneof(picodollars, fc.bigInt({ min: 0n, max: 10n ** 10n })), (amount) => {
        const text = formatUsd(amount);
        const digits = text.length - text.indexOf('.') - 1;
        const error = parseUsd(text) - amount;
        expect((error < 0n ? -error : error) * 2n).toBeLessThanOrEqual(10n ** BigInt(12 - digits));
      }),
    );
  });
});

test.each([
  [64_000_000n, '0.000064'],
  [12_500_000_000_000n, '12.50'],
  [0n, '0.00'],
])('exactUsd writes all of %s as %s', (amount, text) => {
  expect(exactUsd(amount)).toBe(text);
});

describe('costOf', () => {
  test.each([
    [1_000_000, '16.00', '16.00'],
    [287, '16.00', '0.0046'],
    [0, '16.00', '0.00'],
    [3, '4.00', '0.000012'],
  ])('bills %d characters at %s a million with %s', (billed, pricePerMillion, text) => {
    expect(formatUsd(costOf(billed, pricePerMillion))).toBe(text);
  });

  test('is additive: two texts together cost as much as one of their combined length', () => {
    fc.assert(
      fc.property(characters, characters, price, (a, b, perMillion) => {
        expect(costOf(a, perMillion) + costOf(b, perMillion)).toBe(costOf(a + b, perMillion));
      }),
    );
  });

  test.each([
    [-1, '4.00'],
    [0.5, '4.00'],
    [Number.NaN, '4.00'],
    [2 ** 53, '4.00'],
    [1, '-4.00'],
    [1, 'four'],
  ])('refuses %d characters at %s', (billed, perMillion) => {
    expect(() => costOf(billed, perMillion)).toThrow(RangeError);
  });
});
