/** What a million billed characters cost here, by engine: the list prices, an account's own, or nothing at all. */
import type { Provider } from '@setlist/contracts';
import { ENGINES, type Engine, formatUsd, PRICES_PER_MILLION, parseUsd, type Usd } from '@setlist/polly';

/** USD for a million billed characters, as decimal text. */
export type Prices = Readonly<Record<Engine, string>>;

const FREE: Prices = { standard: '0', neural: '0', 'long-form': '0', generative: '0' };

/** The local engine costs nothing; Polly its list prices, except where an account has others. */
export function pricesFor(provider: Provider, own: Partial<Prices> = {}): Prices {
  return provider === 'local' ? FREE : { ...PRICES_PER_MILLION, ...own };
}

/** Reads `neural=16.00,standard=4`; nothing where the text is no such list. */
export function readPrices(text: string): Partial<Prices> | undefined {
  const prices: Partial<Record<Engine, string>> = {};
  for (const entry of text.split(',')) {
    const [, name, price] = /^\s*([a-z-]+)\s*=\s*(\d+(?:\.\d{1,6})?)\s*$/.exec(entry) ?? [];
    const engine = ENGINES.find((known) => known === name);
    if (engine === undefined || price === undefined || prices[engine] !== undefined) return undefined;
    prices[engine] = price;
  }
  return prices;
}

/** An amount as events carry it: exact to the picodollar, with two decimals at least. */
export const exactUsd = (amount: Usd): string => formatUsd(amount, { digits: 12 }).replace(/0{1,10}$/, '');

/** Whether the amount is more than a limit in decimal text. */
export const exceeds = (amount: Usd, limitUsd: string): boolean => amount > parseUsd(limitUsd);
