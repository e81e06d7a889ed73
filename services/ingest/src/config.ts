/** Ingest's settings, from the environment. */

import { doorSettings, moneySettings } from '@setlist/admission';
import { brokerSettings } from '@setlist/eventlog';
import { type BaseConfig, baseConfig, durationMs, integer, list, readAs, url } from '@setlist/runtime';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';

const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i;

/** ISO 8601. A day is its first moment. */
function momentIn(text: string): Date | undefined {
  const moment = new Date(text);
  return MOMENT.test(text) && !Number.isNaN(moment.getTime()) && isDay(text.slice(0, 10))
    ? moment
    : undefined;
}

/** Date takes the 31st of a shorter month for a day of the next. */
const isDay = (day: string): boolean => new Date(`${day}T00:00Z`).toISOString().startsWith(day);

export const ingestConfig = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  INBOX: list()
    .prefault('inbox')
    .describe(
      'what to watch, separated by commas: folders, made where they are missing, and s3://bucket/prefix',
    ),
  INBOX_SINCE: readAs(momentIn, 'must be a day or a moment with its zone, such as 2026-11-22T06:00Z')
    .optional()
    .describe(
      'objects in buckets of INBOX that were last written before it are passed over: 2026-11-22 (in UTC) or 2026-11-22T06:00Z',
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
  ...doorSettings,
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

export type IngestConfig = z.output<typeof ingestConfig>;

/** What ingest itself decides by; the rest says how its surroundings are reached. */
export type IngestSettings = Omit<
  IngestConfig,
  keyof BaseConfig | keyof typeof storeSettings | keyof typeof brokerSettings
>;
