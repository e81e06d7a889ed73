/** The ledger: who claimed, paid for or freed each sound. The last event on a sound's subject is its state. */
import { z } from 'zod';
import { subjects } from '../names.ts';
import { PROVIDERS, sha256Hex } from '../sound.ts';
import { defineEvent } from './define.ts';
import { count, instant, itemAttempt, lane, reason } from './parts.ts';

const sound = z.object({
  hash: sha256Hex,
  claim: z.int().positive().describe('ordinal of the claim, over the whole life of the sound'),
  by: z.string().describe('the dispatcher replica, or the user’s command'),
});
type SoundStep = z.infer<typeof sound>;

/** Why a sound that may already have been paid for is paid for again. */
const again = z.enum(['expired', 'cut', 'missing', 'damaged', 'fresh']);

/** A task that was, or may have been, started: it is looked for before anything is paid for. */
const task = z.object({ taskId: z.string().optional(), keyPrefix: z.string() });
const standing = z
  .int()
  .positive()
  .optional()
  .describe('sequence of the payment that stays valid while the sound is made again');

const about = (data: SoundStep): string => data.hash;
const subject = (data: SoundStep): string => subjects.sound(data.hash);

export const SoundClaimed = defineEvent({
  name: 'SoundClaimed',
  type: 'setlist.sound.claimed',
  version: 1,
  by: ['dispatcher'],
  says: 'a dispatcher is about to pay for this sound; no other one does until the claim expires',
  data: sound.extend({
    until: instant.describe("on the broker's clock"),
    for: itemAttempt,
    operation: z.enum(['synthesize', 'task']),
    lane: lane.optional(),
    expired: count.describe('how many claims in a row expired before this one'),
    lost: task.optional().describe('the task of the expired claim, to be looked for before paying again'),
    because: z
      .enum(['new', 'expired', 'freed', 'cut', 'missing', 'damaged', 'fresh'])
      .describe('cut: an earlier reply that may have been billed broke off or never came'),
    unused: z
      .boolean()
      .optional()
      .describe('whether its holder hands it on without having called or started anything under it'),
    standing,
  }),
  id: ({ hash, claim, by, for: item }) =>
    `${hash}/claimed/${claim}/${by}/${item.set}/${item.index}/${item.attempt}`,
  about,
  subject,
});

export const SoundTaskStarted = defineEvent({
  name: 'SoundTaskStarted',
  type: 'setlist.sound.task-started',
  version: 1,
  by: ['dispatcher'],
  says: 'Polly accepted an asynchronous task for this sound',
  data: sound.extend({
    until: instant.describe("on the broker's clock"),
    for: itemAttempt,
    expired: count,
    taskId: z.string(),
    keyPrefix: z.string(),
    standing,
  }),
  id: (data) => `${data.hash}/task-started/${data.claim}/${data.by}`,
  about,
  subject,
});

export const SoundPaid = defineEvent({
  name: 'SoundPaid',
  type: 'setlist.sound.paid',
  version: 1,
  by: ['dispatcher', 'cli'],
  says: 'the sound is stored under its hash and paid for, permanently',
  data: sound.extend({
    for: itemAttempt.optional().describe('missing if a user supplied the audio'),
    how: z.enum(['synthesized', 'task', 'recovered', 'adopted']),
    provider: z
      .enum(PROVIDERS)
      .optional()
      .describe('who was paid; if missing although somebody was paid: the provider of the set'),
    lane,
    billedCharacters: count,
    repaid: z.object({ because: again }).optional().describe('an earlier claim may have been billed as well'),
    lastClaim: z
      .int()
      .positive()
      .optional()
      .describe(
        'ordinal of the newest claim so far, if this one had been taken over; the next one follows it',
      ),
    requestId: z.string().optional(),
    taskId: z.string().optional(),
    object: z.string().describe('object key of the canonical audio'),
    contentType: z.string(),
    bytes: count,
    sha256: sha256Hex,
    durationMs: count,
  }),
  id: (data) => `${data.hash}/paid/${data.claim}/${data.by}`,
  about,
  subject,
});

export const SoundFreed = defineEvent({
  name: 'SoundFreed',
  type: 'setlist.sound.freed',
  version: 1,
  by: ['dispatcher', 'cli'],
  says: 'the claim was given up without audio, or a user removed the audio, and why; it can be claimed again',
  data: sound.extend({
    reason,
    billed: z.boolean().describe('whether this call or an earlier one may have been billed'),
    because: again
      .optional()
      .describe('why the next payment may be a second one, if any call may have been billed; missing: cut'),
    lost: task.optional().describe('a task that may have been billed, to be looked for before paying again'),
    inVain: z
      .object({ for: itemAttempt, provider: z.enum(PROVIDERS), lane, billedCharacters: count })
      .optional()
      .describe('what this call was billed, as reported by the provider, or for unusable audio'),
    standing,
  }),
  id: (data) => `${data.hash}/freed/${data.claim}/${data.by}`,
  about,
  subject,
});
