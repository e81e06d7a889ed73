/** The settings that say what speech costs and may cost, for ingest and for plans. */
import { readAs } from '@setlist/runtime';
import { amountSchema } from '@setlist/set-file';
import { z } from 'zod';
import { NO_CHARACTERS, pricesFor, readFreeCharacters, readPrices, type Tariff } from './domain/prices.ts';

export const moneySettings = {
  PRICES: readAs(readPrices, 'must be prices by engine, such as neural=16.00,standard=4')
    .optional()
    .describe(
      'USD per million characters, for engines where Polly’s list price does not apply: neural=16.00,standard=4',
    ),
  FREE_CHARACTERS: readAs(
    readFreeCharacters,
    'must be characters by engine, such as standard=5000000,neural=1000000',
  )
    .optional()
    .transform((free) => free ?? NO_CHARACTERS)
    .describe(
      'characters that an agreement with AWS makes free each month, such as standard=5000000,neural=1000000; not credits',
    ),
  MONTHLY_USD: amountSchema
    .optional()
    .describe('the most that all sets together may cost in a calendar month (UTC), in US dollars'),
};

/** These settings alone, for code that only calculates prices. */
export const moneyConfig = z.object(moneySettings);
export type MoneySettings = z.output<typeof moneyConfig>;

/** How Polly charges this account. */
export const tariffOf = ({ PRICES, FREE_CHARACTERS }: MoneySettings): Tariff => ({
  prices: pricesFor('polly', PRICES),
  free: FREE_CHARACTERS,
});
