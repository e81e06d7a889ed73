/** What the tracker keeps for readers: a summary for each set and its items in pages. All of it follows from the log. */
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

/** Items in one page: with no row longer than {@link MOST_ROW_BYTES}, a page stays below the broker's limit of 1 MB. */
export const ITEMS_PER_PAGE = 500;
/** The longest that an item's row may be, as JSON. */
export const MOST_ROW_BYTES = 2_000;

/** A set as it stands. Times are the broker's. */
export const setSummarySchema = z.object({
  setId: z.string(),
  run: z.string(),
  set: setHeader,
  state: z.enum(SET_STATES),
  stalled: z
    .object({
      sinceSeq: count,
      since: instant,
      movedBySeq: count.optional().describe('what moved it since; it is about to be said'),
    })
    .optional(),
  provider: z.enum(PROVIDERS).optional(),
  priority,
  source: z.string(),
  lanes: z.array(z.object({ lane, items: count, billedCharacters: count })),
  usdPerMillion: z.record(z.string(), usd).describe('price by engine, for a million billed characters'),
  round: z.int().positive(),
  counts: counts.extend({
    requested: count.describe('items that the log asks for so far'),
    awaited: count.describe('outcomes without which the round is not over'),
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
  problems: z.array(problem).optional().describe('of a rejected set, the first'),
  problemCount: count.optional(),
  failures: z.array(failedItem).max(20).describe('the first failed items of the round'),
  chain,
  stateSeq: count.describe("sequence of the last event of the set's life: what a compare-and-set names"),
  lastSeq: count.describe('sequence of the last event folded in'),
});
export type SetSummary = z.infer<typeof setSummarySchema>;

/** The order of sets for readers: by acceptance, the newest first. */
export const newestFirst = (a: SetSummary, b: SetSummary): number =>
  b.acceptedAt.localeCompare(a.acceptedAt) || b.setId.localeCompare(a.setId);

export const ITEM_STATES = ['requested', 'completed', 'failed'] as const;

/** One item as it stands after its newest attempt. */
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

/** Items `page * ITEMS_PER_PAGE` and following. */
export const itemsPageSchema = z.object({
  setId: z.string(),
  page: count,
  items: z.array(itemRowSchema).max(ITEMS_PER_PAGE),
  lastSeq: count,
});
export type ItemsPage = z.infer<typeof itemsPageSchema>;
