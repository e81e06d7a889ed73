/** Amounts in projections and events: exact, as decimal text. */
import { costOf, formatUsd, parseUsd } from '@setlist/polly';

export const NO_MONEY = '0.00';

/**
 * An amount and what so many billed characters add to it, to the picodollar: `0.000064`, `12.50`.
 * @param pricePerMillion USD for a million characters; a lane without a price costs nothing
 */
export function plusCost(usd: string, billedCharacters: number, pricePerMillion: string | undefined): string {
  if (billedCharacters === 0 || pricePerMillion === undefined) return usd;
  const sum = parseUsd(usd) + costOf(billedCharacters, pricePerMillion);
  // Twelve decimals are all there are; the last two always stay, as in any price.
  return formatUsd(sum, { digits: 12 }).replace(/0{1,10}$/, '');
}
