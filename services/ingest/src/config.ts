/** Ingest's settings, from the environment. */

import { moneySettings } from '@setlist/admission';
import { PROVIDERS } from '@setlist/contracts';
import { brokerSettings } from '@setlist/eventlog';
import { type BaseConfig, baseConfig, durationMs, flag, integer, list, url } from '@setlist/runtime';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';

export const config = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  INBOX: list()
    .prefault('inbox')
    .describe(
      'what to watch, separated by commas: folders, made where they are missing, and s3://bucket/prefix',
    ),
  STORE: z
    .string()
    .describe(
      'where set files are kept, and audio, as dispatchers have it: a folder, file:///… or s3://bucket/prefix',
    ),
  OUTPUT: z
    .string()
    .optional()
    .describe('where the audio lands, as dispatchers reach it; STORE where not set'),
  PROVIDER: z
    .enum(PROVIDERS, { error: `must be ${PROVIDERS.join(' or ')}` })
    .prefault('local')
    .describe('who is to speak, local or polly; Polly costs money and is asked for by name'),
  COMPAT: flag()
    .prefault('false')
    .describe('whether what the reference let through and Polly itself will judge is only a warning'),
  TASK_BUCKET: z
    .string()
    .optional()
    .describe(
      'the dispatchers’ bucket for tasks; without one, texts over 3,000 billed characters are refused',
    ),
  NOTIFY_CHANNELS: list()
    .optional()
    .transform((channels) => channels ?? [])
    .describe('the channels that a set file may name in notify; none unless given'),
  ...moneySettings,
  TRACE_ITEMS: integer({ min: 0 })
    .prefault('100')
    .describe(
      'items of a set that are traced one by one, where traces are on; evenly spread over a larger set',
    ),
  SETTLE: durationMs()
    .prefault('1s')
    .describe('how long a file must have been left alone before it is claimed'),
  POLL_EVERY: durationMs()
    .prefault('1s')
    .describe('how often to look into the folders where the file system gives no hints'),
  BUCKET_POLL_EVERY: durationMs()
    .refine((ms) => ms >= 100, 'must be 100ms or more')
    .prefault('10s')
    .describe('how often to list the buckets of INBOX; each thousand objects are a request'),
  SQS_QUEUES: list(url())
    .optional()
    .transform((queues) => queues ?? [])
    .describe(
      'URLs of the queues by which buckets of INBOX tell of new objects; refused where it names no bucket',
    ),
});

export type IngestConfig = z.output<typeof config>;

/** What ingest itself decides by; the rest says how its surroundings are reached. */
export type IngestSettings = Omit<
  IngestConfig,
  keyof BaseConfig | keyof typeof storeSettings | keyof typeof brokerSettings
>;
