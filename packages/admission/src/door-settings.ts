/** The settings that say what an installation can do for a set, for ingest and for checks beforehand. */
import { PROVIDERS } from '@setlist/contracts';
import { flag, list } from '@setlist/runtime';
import { z } from 'zod';
import type { KnownDoor } from './domain/check-door.ts';

export const doorSettings = {
  PROVIDER: z
    .enum(PROVIDERS, { error: `must be ${PROVIDERS.join(' or ')}` })
    .prefault('local')
    .describe('the provider that speaks: local, or polly, which costs money and is used only if named'),
  COMPAT: flag()
    .prefault('false')
    .describe('whether to only warn of what AWS’s sample let through and Polly itself will judge'),
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

/** The hint to the user whose file COMPAT would let in: only the operator can set it. */
export const COMPAT_HINT = 'or have the operator accept such files, by COMPAT=true or "setlist up --compat"';

type DoorSettings = z.output<z.ZodObject<typeof doorSettings>>;

/** What these settings let in. COMPAT is no part of it: the parser takes that. */
export const doorOf = (settings: Omit<DoorSettings, 'COMPAT'>): KnownDoor => ({
  provider: settings.PROVIDER,
  hasTaskBucket: settings.TASK_BUCKET !== undefined,
  channels: settings.NOTIFY_CHANNELS,
});
