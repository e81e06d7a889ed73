/** The ledger: who claimed, paid for or gave up which sound. The last event on a sound's subject is its state. */
import { z } from 'zod';
import { subjects } from '../names.ts';
import { PROVIDERS, sha256Hex } from '../sound.ts';
import { defineEvent } from './define.ts';
import { count, instant, itemAttempt, lane, reason } from './parts.ts';

const sound = z.object({
  hash: sha256Hex,
  claim: z.int().positive().describe('ordinal of the claim, over the whole life of the sound'),
  by: z.string().describe('the dispatcher replica, or the command of a user'),
});
type SoundStep = z.infer<typeof sound>;

/** Why a sound is paid for although it may have been before. */
const again = z.enum(['expired', 'cut', 'missing', 'damaged', 'fresh']);

/** A task that may have been started, or was: it is looked for before anything is paid. */
const task = z.object({ taskId: z.string().optional(), keyPrefix: z.string() });
const standing = z
  .int()
  .positive()
  .optional()
  .describe('sequence of the payment that goes on standing while the sound is recorded anew');

const about = (data: SoundStep): string => data.hash;
const subject = (data: SoundStep): string => subjects.sound(data.hash);

export const SoundClaimed = defineEvent({
  name: 'SoundClaimed',
  type: 'setlist.sound.claimed',
  version: 1,
  by: ['dispatcher'],
  says: 'a dispatcher is about to pay for this sound; nobody else does until the claim runs out',
  data: sound.extend({
    until: instant.describe("on the broker's clock"),
    for: itemAttempt,
    operation: z.enum(['synthesize', 'task']),
    lane: lane.optional(),
    expired: count.describe('how many claims before this one ran out in a row'),
    lost: task
      .optional()
      .describe('the task of the claim that ran out, to be looked for before paying again'),
    because: z
      .enum(['new', 'expired', 'freed', 'cut', 'missing', 'damaged', 'fresh'])
      .describe('cut: an earlier reply broke off, or never came, after it may have been billed'),
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
  says: 'the sound is stored under its hash and paid for, for ever',
  data: sound.extend({
    for: itemAttempt.optional().describe('nobody, where a user brought the audio'),
    how: z.enum(['synthesized', 'task', 'recovered', 'adopted']),
    provider: z
      .enum(PROVIDERS)
      .optional()
      .describe('who was paid; where it is missing and somebody was, its set says so'),
    lane,
    billedCharacters: count,
    repaid: z.object({ because: again }).optional().describe('an earlier claim may have been billed as well'),
    lastClaim: z
      .int()
      .positive()
      .optional()
      .describe(
        'ordinal of the newest claim so far, where this one had been taken over; the next one follows it',
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
  says: 'the claim was given up without audio, or a user had the audio removed, and why; anyone may claim again',
  data: sound.extend({
    reason,
    billed: z.boolean().describe('whether this call, or one before it, may have been billed'),
    because: again
      .optional()
      .describe('why the next payment may be one more, where any call may have been billed; missing: cut'),
    lost: task.optional().describe('a task that may have been billed, to be looked for before paying again'),
    inVain: z
      .object({ for: itemAttempt, provider: z.enum(PROVIDERS), lane, billedCharacters: count })
      .optional()
      .describe('what this call was billed by the provider’s own word, or for audio that is of no use'),
    standing,
  }),
  id: (data) => `${data.hash}/freed/${data.claim}/${data.by}`,
  about,
  subject,
});
