/** Ingest's settings, from the environment. */
import { PROVIDERS } from '@setlist/contracts';
import { brokerSettings } from '@setlist/eventlog';
import { type BaseConfig, baseConfig, durationMs, flag, list } from '@setlist/runtime';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';
import { readPrices } from './domain/prices.ts';

const prices = z.string().transform((text, context) => {
  const read = readPrices(text);
  if (read !== undefined) return read;
  const message = 'must be prices by engine, such as neural=16.00,standard=4';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

export const config = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  INBOX: list().prefault('inbox').describe('the folders to watch, made where they are missing'),
  STORE: z.string().describe('where set files are kept: a folder, file:///… or s3://bucket/prefix'),
  OUTPUT: z
    .string()
    .optional()
    .describe('where the audio lands, as dispatchers reach it; STORE where not set'),
  PROVIDER: z
    .enum(PROVIDERS, { error: `must be ${PROVIDERS.join(' or ')}` })
    .prefault('local')
    .describe('who is to speak; Polly costs money and is asked for by name'),
  COMPAT: flag()
    .prefault('false')
    .describe('whether what the reference let through and Polly itself will judge is only a warning'),
  TASK_BUCKET: z
    .string()
    .optional()
    .describe('the dispatchers’ bucket for tasks; without one, texts over 3,000 characters are refused'),
  NOTIFY_CHANNELS: list()
    .optional()
    .transform((channels) => channels ?? [])
    .describe('the channels that a set file may name in notify'),
  PRICES: prices
    .optional()
    .describe('USD for a million characters where Polly’s list price does not hold: neural=16.00,standard=4'),
  SETTLE: durationMs()
    .prefault('1s')
    .describe('how long a file must have been left alone before it is claimed'),
  POLL_EVERY: durationMs()
    .prefault('1s')
    .describe('how often to look into the folders where the file system gives no hints'),
});

export type IngestConfig = z.output<typeof config>;

/** What ingest itself decides by; the rest says how its surroundings are reached. */
export type IngestSettings = Omit<
  IngestConfig,
  keyof BaseConfig | keyof typeof storeSettings | keyof typeof brokerSettings
>;
