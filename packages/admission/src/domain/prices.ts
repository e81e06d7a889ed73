/** The prices of billed characters by engine: the list prices, an account's own, or zero. */
import type { Provider } from '@setlist/contracts';
import {
  costOf,
  ENGINES,
  type Engine,
  formatUsd,
  PRICES_PER_MILLION,
  parseUsd,
  type Usd,
} from '@setlist/polly';

/** USD for a million billed characters, as decimal text. */
export type Prices = Readonly<Record<Engine, string>>;

const FREE: Prices = { standard: '0', neural: '0', 'long-form': '0', generative: '0' };

/** Zero for the local engine; for Polly the list prices, except where an account has its own. */
export function pricesFor(provider: Provider, own: Partial<Prices> = {}): Prices {
  return provider === 'local' ? FREE : { ...PRICES_PER_MILLION, ...own };
}

/** Reads `neural=16.00,standard=4`; `undefined` where the text is not such a list. */
export const readPrices = (text: string): Partial<Prices> | undefined =>
  readByEngine(text, (price) => (/^\d+(?:\.\d{1,6})?$/.test(price) ? price : undefined));

/** Reads `standard=5000000,neural=1000000`; `undefined` where the text is not such a list. */
export const readFreeCharacters = (text: string): Characters | undefined =>
  readByEngine(text, (count) => (/^\d{1,12}$/.test(count) ? Number(count) : undefined));

/** Reads a value for each engine of a list, where none is named twice. */
function readByEngine<Value>(
  text: string,
  read: (value: string) => Value | undefined,
): Partial<Record<Engine, Value>> | undefined {
  const values: Partial<Record<Engine, Value>> = {};
  for (const entry of text.split(',')) {
    const [, name, written = ''] = /^\s*([a-z-]+)\s*=\s*(\S+)\s*$/.exec(entry) ?? [];
    const engine = ENGINES.find((known) => known === name);
    const value = read(written);
    if (engine === undefined || value === undefined || values[engine] !== undefined) return undefined;
    values[engine] = value;
  }
  return values;
}

/** Billed characters by engine. */
export type Characters = Readonly<Partial<Record<Engine, number>>>;

/** How the characters of one calendar month are charged. */
export interface Tariff {
  readonly prices: Prices;
  /** The characters that are free each month. */
  readonly free: Characters;
}

export const NO_CHARACTERS: Characters = {};

/** The sum by engine. */
export function sumOf(...all: readonly Characters[]): Characters {
  const sum: Partial<Record<Engine, number>> = {};
  for (const characters of all) {
    for (const engine of ENGINES) {
      const more = characters[engine];
      if (more !== undefined) sum[engine] = (sum[engine] ?? 0) + more;
    }
  }
  return sum;
}

/** The cost of a month's characters: for each engine, those beyond the free ones at its price. */
export function costOfMonth(characters: Characters, { prices, free }: Tariff): Usd {
  return ENGINES.reduce((sum, engine) => {
    const charged = Math.max(0, (characters[engine] ?? 0) - (free[engine] ?? 0));
    return sum + costOf(charged, prices[engine]);
  }, 0n);
}

/** The cost of more characters in a month that already has some. */
export const costOnTop = (before: Characters, more: Characters, tariff: Tariff): Usd =>
  costOfMonth(sumOf(before, more), tariff) - costOfMonth(before, tariff);

/** An amount as a plan shows it: rounded up, so that the shown amount is enough as a budget. */
export function upToUsd(amount: Usd): string {
  const shown = formatUsd(amount);
  if (parseUsd(shown) >= amount) return shown;
  const [, decimals = ''] = shown.split('.');
  return formatUsd(parseUsd(shown) + 10n ** BigInt(12 - decimals.length));
}
