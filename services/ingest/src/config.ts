/** Ingest's settings, from the environment. */

import { doorSettings, moneySettings } from '@setlist/admission';
import { isDay } from '@setlist/contracts';
import { brokerSettings } from '@setlist/eventlog';
import { type BaseConfig, baseConfig, durationMs, integer, list, readAs, url } from '@setlist/runtime';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';

const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i;

/** A moment in ISO 8601. A day means its first moment, in UTC. */
function momentIn(text: string): Date | undefined {
  const moment = new Date(text);
  return MOMENT.test(text) && !Number.isNaN(moment.getTime()) && isDay(text.slice(0, 10))
    ? moment
    : undefined;
}

export const ingestConfig = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  INBOX: list()
    .prefault('inbox')
    .describe(
      'what to watch, separated by commas: folders (a path or file:///…), made if they are missing, and s3://bucket/prefix',
    ),
  INBOX_SINCE: readAs(momentIn, 'must be a day or a moment with its zone, such as 2026-11-22T06:00Z')
    .optional()
    .describe(
      'objects in buckets of INBOX that were last written before this are skipped: 2026-11-22 (in UTC) or 2026-11-22T06:00Z',
    ),
  STORE: z
    .string()
    .describe(
      'where set files and audio are kept, as for dispatchers: a folder, file:///… or s3://bucket/prefix',
    ),
  OUTPUT: z.string().optional().describe('where the audio lands, as dispatchers reach it; STORE if not set'),
  ...doorSettings,
  ...moneySettings,
  TRACE_ITEMS: integer({ min: 0 })
    .prefault('100')
    .describe(
      'how many items of a set are traced individually if traces are on; evenly spread over a larger set',
    ),
  SETTLE: durationMs()
    .prefault('1s')
    .describe('how long a file must have been left alone before it is claimed'),
  POLL_EVERY: durationMs()
    .prefault('1s')
    .describe('how often to look into the folders if the file system reports no changes'),
  BUCKET_POLL_EVERY: durationMs()
    .refine((ms) => ms >= 100, 'must be 100ms or more')
    .prefault('10s')
    .describe('how often to list the buckets of INBOX; every thousand objects take one request'),
  SQS_QUEUES: list(url())
    .optional()
    .transform((queues) => queues ?? [])
    .describe(
      'URLs of the queues that buckets of INBOX notify of new objects; refused if INBOX names no bucket',
    ),
});

export type IngestConfig = z.output<typeof ingestConfig>;

/** The settings that ingest's decisions depend on; the others say how to reach its surroundings. */
export type IngestSettings = Omit<
  IngestConfig,
  keyof BaseConfig | keyof typeof storeSettings | keyof typeof brokerSettings
>;
