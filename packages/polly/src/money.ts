/** Money without intermediate rounding: amounts count 10⁻¹² dollars, from 0 up; prices are decimal strings. */
import type { Engine } from './vocabulary.ts';

/** An amount in picodollars, never negative: 1 USD = 10¹². One character of the cheapest engine costs 4,000,000 of them. */
export type Usd = bigint;

const FRACTION_DIGITS = 12;
const DOLLAR = 10n ** BigInt(FRACTION_DIGITS);
/** The value of the last decimal, by the number of decimals shown. */
const UNITS = Array.from(
  { length: FRACTION_DIGITS + 1 },
  (_, digits) => 10n ** BigInt(FRACTION_DIGITS - digits),
);
const DECIMAL = /^(\d+)(?:\.(\d{1,12}))?$/;

/**
 * The list price in USD per million billed characters ([Amazon Polly pricing](https://aws.amazon.com/polly/pricing/)).
 * An account can have other prices, so settings override it.
 */
export const PRICES_PER_MILLION: Readonly<Record<Engine, string>> = {
  standard: '4.00',
  neural: '16.00',
  'long-form': '100.00',
  generative: '30.00',
};

/**
 * Reads a decimal amount of dollars such as `16`, `16.00` or `0.000004`, with at most 12 decimals.
 * @throws RangeError for anything else: a sign, an exponent, separators, blanks, finer amounts.
 */
export function parseUsd(text: string): Usd {
  const match = DECIMAL.exec(text);
  if (match === null) {
    throw new RangeError(
      `Not an amount of US dollars: ${JSON.stringify(text)}. Write digits, with at most 12 after a decimal point, such as "16.00".`,
    );
  }
  const [, whole = '', fraction = ''] = match;
  return BigInt(whole + fraction.padEnd(FRACTION_DIGITS, '0'));
}

/**
 * Writes an amount as a decimal without a currency sign, rounded half up to two decimals; an amount below a cent gets
 * enough to show its first two significant digits (`0.0046`).
 */
export const formatUsd = (amount: Usd): string => decimal(amount, digitsThatShow(amount));

/** An amount as events carry it: exact to the picodollar, with two decimals at least: `0.000064`, `12.50`. */
export const exactUsd = (amount: Usd): string => decimal(amount, FRACTION_DIGITS).replace(/0{1,10}$/, '');

function decimal(amount: Usd, digits: number): string {
  const unit = UNITS[digits] ?? 1n;
  const rounded = (amount + unit / 2n) / unit;
  const text = rounded.toString().padStart(digits + 1, '0');
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

function digitsThatShow(amount: Usd): number {
  if (amount === 0n || amount >= DOLLAR / 100n) return 2;
  const leadingZeros = FRACTION_DIGITS - amount.toString().length;
  return Math.min(leadingZeros + 2, FRACTION_DIGITS);
}

/**
 * What Polly charges for a number of billed characters: exact if the price has at most 6 decimals, and rounded half up
 * to a picodollar otherwise.
 * @throws RangeError when the count isn't a non-negative whole number or the price isn't a non-negative decimal.
 */
export function costOf(billedCharacters: number, pricePerMillion: string): Usd {
  if (!Number.isSafeInteger(billedCharacters) || billedCharacters < 0) {
    throw new RangeError(`billed characters must be a whole number from 0 up, not ${billedCharacters}`);
  }
  const price = parseUsd(pricePerMillion);
  return (BigInt(billedCharacters) * price + 500_000n) / 1_000_000n;
}
