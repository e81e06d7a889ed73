/** The tracker's settings. */
import { brokerSettings } from '@setlist/eventlog';
import { baseConfig, durationMs, flag, integer } from '@setlist/runtime';
import { storeSettings } from '@setlist/storage';
import { z } from 'zod';

export const trackerConfig = z.object({
  ...baseConfig,
  ...brokerSettings,
  ...storeSettings,
  STALL_AFTER: durationMs()
    .refine((ms) => ms >= 100, 'must be 100ms or more')
    .prefault('60m')
    .describe('how long a running set can make no progress before it is reported stalled'),
  FLUSH_EVERY: durationMs()
    .refine((ms) => ms >= 10 && ms <= 60_000, 'must be from 10ms to 60s')
    .prefault('200ms')
    .describe('how often changed projections are written for readers'),
  PAGES_IN_MEMORY: integer({ min: 2 })
    .prefault('256')
    .describe('pages of 500 items, about 0.3 MB each, that can be in memory at once'),
  MANIFESTS: flag()
    .prefault('true')
    .describe(
      'whether to write a manifest next to the audio of each set that has ended; the tracker must then be able to write manifests where the audio lands',
    ),
});

export type TrackerConfig = z.output<typeof trackerConfig>;
/** The tracker's own settings, without those that every service has. */
export type TrackerSettings = Omit<TrackerConfig, keyof typeof baseConfig>;
