/** The settings that say what an installation can do for a set: ingest's, and those by which others check beforehand. */
import { PROVIDERS } from '@setlist/contracts';
import { flag, list } from '@setlist/runtime';
import { z } from 'zod';
import type { KnownDoor } from './domain/check-door.ts';

export const doorSettings = {
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
};

/** What is said of a file that COMPAT would let in to whoever drops it: how that is set is the operator's business. */
export const COMPAT_HINT = 'or have the operator accept such files, by COMPAT=true or "setlist up --compat"';

type DoorSettings = z.output<z.ZodObject<typeof doorSettings>>;

export const doorOf = (settings: Omit<DoorSettings, 'COMPAT'>): KnownDoor => ({
  provider: settings.PROVIDER,
  hasTaskBucket: settings.TASK_BUCKET !== undefined,
  channels: settings.NOTIFY_CHANNELS,
});
