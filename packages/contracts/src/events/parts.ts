/** Shapes that several events share. */
import { ENGINES } from '@setlist/polly';
import { z } from 'zod';

/** A time in ISO 8601, UTC. */
export const instant = z.iso.datetime().describe('ISO 8601, UTC');
/** An amount of US dollars as decimal text, so that nothing is lost to floating point. */
export const usd = z
  .string()
  .regex(/^\d+(\.\d+)?$/, 'a decimal amount such as 0.0123')
  .describe('US dollars, decimal text');
export const count = z.int().nonnegative();
export const lane = z.enum(ENGINES).describe('an engine');
export const PRIORITIES = ['high', 'normal', 'low'] as const;
export const priority = z.enum(PRIORITIES);
export type Priority = z.infer<typeof priority>;

/** What messages to people need to know about a set. */
export const setHeader = z.object({
  name: z.string().min(1),
  description: z.string().optional(),
  location: z.string().describe('where the requested files are'),
  notify: z
    .array(z.string())
    .describe('channels named by the set file; an empty list means the default ones'),
});
export type SetHeader = z.infer<typeof setHeader>;

/** Where a set file came from, and the name under which its bytes are kept. */
export const setSource = z.object({
  uri: z.string(),
  sha256: z.string().optional(),
  bytes: count,
  keptAs: z.string().optional().describe('object key of the kept copy'),
});

/** One fault in a set file. */
export const problem = z.object({
  line: z.int().positive(),
  column: z.int().positive(),
  path: z.string(),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
});

/** Why something failed, for people: what happened and what to do. */
export const reason = z.object({
  code: z.string().min(1),
  message: z.string().min(1),
  remedy: z.string().min(1),
});
export type Reason = z.infer<typeof reason>;

/** Which attempt of which item of which set. */
export const itemAttempt = z.object({
  set: z.string(),
  index: count,
  attempt: z.int().positive(),
});
export type ItemAttempt = z.infer<typeof itemAttempt>;

/** How an item's audio was obtained: paid for now, already paid for, or found after a crash. */
export const HOW = ['paid', 'reused', 'recovered'] as const;

/** How many of a set's items are in each state. */
export const counts = z.object({
  total: count,
  completed: count,
  failed: count,
  paid: count,
  reused: count,
  recovered: count,
});
export type Counts = z.infer<typeof counts>;

/** A failed item, as a message lists it. */
export const failedItem = reason.extend({ index: count, file: z.string() });
export type FailedItem = z.infer<typeof failedItem>;

/** The hash chain over a set's events: the number of events folded in, and its head. */
export const chain = z.object({ events: count, head: z.string().regex(/^[0-9a-f]{64}$/) });
