/** Money without intermediate rounding: amounts are whole numbers of 10⁻¹² dollars, prices are decimal strings. */
import type { Engine } from './vocabulary.ts';

/** An amount in picodollars: 1 USD = 10¹². One character of the cheapest engine costs 4,000,000 of them. */
export type Usd = bigint;

const FRACTION_DIGITS = 12;
const DOLLAR = 10n ** BigInt(FRACTION_DIGITS);
/** The value of the last decimal, by the number of decimals shown. */
const UNITS = Array.from(
  { length: FRACTION_DIGITS + 1 },
  (_, digits) => 10n ** BigInt(FRACTION_DIGITS - digits),
);
const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,12}))?$/;

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
 * @throws RangeError for anything else: a currency sign, an exponent, separators, blanks, finer amounts.
 */
export function parseUsd(text: string): Usd {
  const match = DECIMAL.exec(text);
  if (match === null) {
    throw new RangeError(
      `Not an amount of US dollars: ${JSON.stringify(text)}. Write digits, with at most 12 after a decimal point, such as "16.00".`,
    );
  }
  const [, sign, whole = '', fraction = ''] = match;
  const amount = BigInt(whole + fraction.padEnd(FRACTION_DIGITS, '0'));
  return sign === '-' ? -amount : amount;
}

/**
 * Writes an amount as a decimal without a currency sign, rounded half up (half away from zero for negative amounts).
 * Two decimals by default; an amount below a cent gets enough to show its first two significant digits (`0.0046`).
 * @throws RangeError when `digits` isn't a whole number from 0 to 12.
 */
export function formatUsd(amount: Usd, options: { digits?: number } = {}): string {
  const magnitude = amount < 0n ? -amount : amount;
  const digits = options.digits ?? digitsThatShow(magnitude);
  if (!Number.isInteger(digits) || digits < 0 || digits > FRACTION_DIGITS) {
    throw new RangeError(`digits must be a whole number from 0 to ${FRACTION_DIGITS}, not ${digits}`);
  }
  const unit = UNITS[digits] ?? 1n;
  const rounded = (magnitude + unit / 2n) / unit;
  const text = rounded.toString().padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const sign = amount < 0n && rounded > 0n ? '-' : '';
  return digits === 0 ? `${sign}${whole}` : `${sign}${whole}.${text.slice(-digits)}`;
}

/** An amount as events carry it: exact to the picodollar, with two decimals at least: `0.000064`, `12.50`. */
export const exactUsd = (amount: Usd): string =>
  formatUsd(amount, { digits: FRACTION_DIGITS }).replace(/0{1,10}$/, '');

function digitsThatShow(magnitude: bigint): number {
  if (magnitude === 0n || magnitude >= DOLLAR / 100n) return 2;
  const leadingZeros = FRACTION_DIGITS - magnitude.toString().length;
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
  if (price < 0n) throw new RangeError(`a price can't be negative: ${pricePerMillion}`);
  return (BigInt(billedCharacters) * price + 500_000n) / 1_000_000n;
}
