/** The settings that say what speech costs and may cost: ingest's, and those by which a plan reckons. */
import { readAs } from '@setlist/runtime';
import { isAmount } from '@setlist/set-file';
import { z } from 'zod';
import { readFreeCharacters, readPrices } from './domain/prices.ts';

export const moneySettings = {
  PRICES: readAs(readPrices, 'must be prices by engine, such as neural=16.00,standard=4')
    .optional()
    .describe('USD for a million characters where Polly’s list price does not hold: neural=16.00,standard=4'),
  FREE_CHARACTERS: readAs(
    readFreeCharacters,
    'must be characters by engine, such as standard=5000000,neural=1000000',
  )
    .optional()
    .describe(
      'what an agreement with AWS gives free of charge in each month, such as standard=5000000,neural=1000000; credits are none of it',
    ),
  MONTHLY_USD: z
    .string()
    .refine(isAmount, 'must be an amount in US dollars, such as 250 or 99.50')
    .optional()
    .describe('the most that all sets together may cost in a calendar month (UTC), in US dollars'),
};

/** By themselves, for whoever only reckons. */
export const moneyConfig = z.object(moneySettings);
export type MoneySettings = z.output<typeof moneyConfig>;
