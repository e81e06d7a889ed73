/** The tracker's projections: a summary of each set and pages of its items. All of it derives from the log. */
import { z } from 'zod';
import {
  chain,
  count,
  counts,
  failedItem,
  HOW,
  instant,
  lane,
  priority,
  problem,
  setHeader,
  usd,
} from './events/parts.ts';
import { SET_STATES } from './set-state.ts';
import { PROVIDERS } from './sound.ts';

/** Items per page: since no row exceeds {@link MOST_ROW_BYTES}, a page stays below the broker's limit of 1 MB. */
export const ITEMS_PER_PAGE = 500;

/** The maximum number of items in a set. */
export const MAX_ITEMS = 1_000_000;
/** The greatest length of an item's row as JSON, in bytes. */
export const MOST_ROW_BYTES = 2_000;

/** The current state of a set. Times are the broker's. */
export const setSummarySchema = z.object({
  setId: z.string(),
  run: z.string(),
  set: setHeader,
  state: z.enum(SET_STATES),
  stalled: z
    .object({
      sinceSeq: count,
      since: instant,
      movedBySeq: count
        .optional()
        .describe('the event that moved it since; SetUnstalled is about to be published'),
    })
    .optional(),
  provider: z.enum(PROVIDERS).optional(),
  priority,
  source: z.string(),
  lanes: z.array(z.object({ lane, items: count, billedCharacters: count })),
  usdPerMillion: z.record(z.string(), usd).describe('price per million billed characters, by engine'),
  round: z.int().positive(),
  counts: counts.extend({
    requested: count.describe('items requested in the log so far'),
    awaited: count.describe('outcomes still needed to end the round'),
  }),
  billedCharacters: count.describe('paid for by this set so far'),
  sparedCharacters: count,
  costUsd: usd,
  savedUsd: usd,
  estimatedUsd: usd,
  acceptedAt: instant,
  startedAt: instant.describe('when the round began'),
  moved: z.object({ seq: count, at: instant }).describe('the last event that moved the set'),
  endedAt: instant.optional(),
  problems: z.array(problem).optional().describe('the first problems of a rejected set'),
  problemCount: count.optional(),
  failures: z.array(failedItem).max(20).describe('the first failed items of the round'),
  chain,
  stateSeq: count.describe("sequence of the last event of the set's life, for a compare-and-set"),
  lastSeq: count.describe('sequence of the last event folded in'),
});
export type SetSummary = z.infer<typeof setSummarySchema>;

/** A set's place among all sets, which never changes. */
export type SetPlace = Pick<SetSummary, 'acceptedAt' | 'setId'>;

/** The order in which sets are shown: by acceptance, newest first. */
export const newestFirst = (a: SetPlace, b: SetPlace): number =>
  b.acceptedAt.localeCompare(a.acceptedAt) || b.setId.localeCompare(a.setId);

export const ITEM_STATES = ['requested', 'completed', 'failed'] as const;

/** The state of one item after its newest attempt. */
export const itemRowSchema = z.object({
  index: count,
  attempt: z.int().positive(),
  lane,
  file: z.string(),
  hash: z.string(),
  state: z.enum(ITEM_STATES),
  how: z.enum(HOW).optional(),
  bytes: count.optional(),
  sha256: z.string().optional(),
  durationMs: count.optional(),
  billedCharacters: count.optional(),
  code: z.string().optional(),
  message: z.string().optional(),
  remedy: z.string().optional(),
  tries: count.optional(),
});
export type ItemRow = z.infer<typeof itemRowSchema>;

/** The items from index `page * ITEMS_PER_PAGE` on. */
export const itemsPageSchema = z.object({
  setId: z.string(),
  page: count,
  items: z.array(itemRowSchema).max(ITEMS_PER_PAGE),
  lastSeq: count,
});
export type ItemsPage = z.infer<typeof itemsPageSchema>;
