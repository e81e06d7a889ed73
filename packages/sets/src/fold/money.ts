/** Amounts in projections and events: exact, as decimal text. */
import type { SetSummary } from '@setlist/contracts';
import { costOf, exactUsd, parseUsd } from '@setlist/polly';
import type { ItemEvent } from './item-row.ts';

export const NO_MONEY = '0.00';

/**
 * An amount plus the cost of some billed characters, exact.
 * @param pricePerMillion USD for a million characters; a lane without a price costs nothing
 */
function plusCost(usd: string, billedCharacters: number, pricePerMillion: string | undefined): string {
  if (billedCharacters === 0 || pricePerMillion === undefined) return usd;
  return exactUsd(parseUsd(usd) + costOf(billedCharacters, pricePerMillion));
}

/** The characters that an item's event adds to its set's; those that earlier attempts reported are not added again. */
function saidOf({ name, data }: ItemEvent): { billed: number; spared: number } {
  if (name === 'ItemRequested') return { billed: 0, spared: 0 };
  const { billedCharacters = 0, billedBefore = 0 } = data;
  const spared = name === 'ItemCompleted' ? data.sparedCharacters : 0;
  return { billed: Math.max(0, billedCharacters - billedBefore), spared };
}

export type Money = Pick<SetSummary, 'billedCharacters' | 'sparedCharacters' | 'costUsd' | 'savedUsd'>;

/** A set's money after one more event of an item. What was spent stays spent, even when the item is requested again. */
export function moneyAfter(
  {
    usdPerMillion,
    billedCharacters,
    sparedCharacters,
    costUsd,
    savedUsd,
  }: Money & Pick<SetSummary, 'usdPerMillion'>,
  event: ItemEvent,
): Money {
  const { billed, spared } = saidOf(event);
  const price = usdPerMillion[event.data.lane];
  return {
    billedCharacters: billedCharacters + billed,
    sparedCharacters: sparedCharacters + spared,
    costUsd: plusCost(costUsd, billed, price),
    savedUsd: plusCost(savedUsd, spared, price),
  };
}
