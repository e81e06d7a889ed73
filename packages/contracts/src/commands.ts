/** The commands that steer a running set, sent to the tracker by request and reply, and its answers. */
import { z } from 'zod';
import { EVENTS, type EventName } from './events/catalog.ts';
import { count, priority, reason } from './events/parts.ts';

/** A set id is one token of a subject, so that a wildcard can't name many sets. */
const setToken = z.string().regex(/^[A-Za-z0-9-]+$/, 'a set id has letters, digits and dashes only');

const steering = z.object({
  setId: setToken,
  who: z.string().trim().min(1).max(200).describe('who wants it: a name, or user@host'),
  why: z.string().trim().min(1).max(1_000).optional(),
});

/** The most items that one retry can name; a retry that names none covers every failed item. */
export const MAX_RETRY_INDEXES = 10_000;

/** Each command, by the last token of its subject. */
export const COMMANDS = {
  pause: steering.extend({ verb: z.literal('pause') }),
  resume: steering.extend({ verb: z.literal('resume') }),
  cancel: steering.extend({ verb: z.literal('cancel') }),
  prioritize: steering.extend({ verb: z.literal('prioritize'), priority }),
  retry: steering.extend({
    verb: z.literal('retry'),
    indexes: z
      .array(count)
      .min(1)
      .max(MAX_RETRY_INDEXES)
      .refine((indexes) => new Set(indexes).size === indexes.length, 'names an item twice')
      .optional()
      .describe('the failed items to request again; all of them if none is named'),
  }),
} as const;

export type Verb = keyof typeof COMMANDS;
export const VERBS = Object.keys(COMMANDS) as readonly Verb[];

export type Command = { [V in Verb]: z.infer<(typeof COMMANDS)[V]> }[Verb];

const EVENT_NAMES = Object.keys(EVENTS) as [EventName, ...EventName[]];

/** What the tracker did, or why it did nothing. */
export const commandAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    setId: z.string(),
    did: z.enum(EVENT_NAMES).describe('the event that put the command into force'),
    seq: count.describe("that event's place in the log"),
    already: z.boolean().describe('whether it was in force before'),
    items: count.optional().describe('for a retry: how many items are requested again'),
  }),
  reason.extend({ ok: z.literal(false) }),
]);
export type CommandAnswer = z.infer<typeof commandAnswer>;
