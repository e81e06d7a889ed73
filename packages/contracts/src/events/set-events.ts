/** The life of a set: accepted or rejected by ingest, then the tracker's decisions. */
import { z } from 'zod';
import { subjects } from '../names.ts';
import { PROVIDERS, sha256Hex } from '../sound.ts';
import { defineEvent } from './define.ts';
import {
  chain,
  count,
  counts,
  failedItem,
  instant,
  lane,
  priority,
  problem,
  setHeader,
  setSource,
  usd,
} from './parts.ts';

const about = (_: unknown, setId: string): string => setId;
const subject = (_: unknown, setId: string): string => subjects.state(setId);

export const SetAccepted = defineEvent({
  name: 'SetAccepted',
  type: 'setlist.set.accepted',
  version: 1,
  by: ['ingest'],
  says: 'a set file was checked and accepted whole; its items follow',
  data: z.object({
    run: z.string(),
    set: setHeader,
    source: setSource.extend({ sha256: sha256Hex, keptAs: z.string() }),
    prefix: z.string(),
    output: z.string().describe('URI of the store that receives the files: file:///… or s3://…'),
    provider: z.enum(PROVIDERS),
    itemCount: z.int().positive(),
    lanes: z.array(z.object({ lane, items: count, billedCharacters: count })).min(1),
    billedCharacters: count,
    estimatedUsd: usd.describe('if nothing could be reused'),
    usdPerMillion: z.record(z.string(), usd).describe('price per million billed characters, by engine'),
    priority,
    budgetUsd: usd
      .optional()
      .describe('the most that new audio can cost: the smaller of the file’s budget and the run’s'),
    unpaid: z
      .array(z.object({ lane, billedCharacters: count }))
      .optional()
      .describe(
        'what was not paid for yet, each sound once; only if a budget, a monthly cap or free characters need it',
      ),
    deadline: instant.optional().describe('until when failed calls are retried; nothing is started after it'),
    paths: z
      .literal('both')
      .optional()
      .describe('calls and tasks side by side; missing: tasks only for texts too long for a call'),
    fresh: z.literal(true).optional().describe('every sound is recorded anew, even if already paid for'),
    compat: z.boolean(),
    lexicons: z
      .array(z.object({ name: z.string(), sha256: sha256Hex.describe("of the lexicon's content") }))
      .min(1)
      .optional()
      .describe('the lexicons that its items name, as they were when the set was accepted'),
    warnings: count,
  }),
  id: (_, setId) => `${setId}/accepted`,
  about,
  subject,
});

export const SetRejected = defineEvent({
  name: 'SetRejected',
  type: 'setlist.set.rejected',
  version: 1,
  by: ['ingest'],
  says: 'a set file was refused whole, before anything was spent',
  data: z.object({
    run: z.string(),
    name: z.string().optional().describe("the set's name, if it could be read"),
    notify: z.array(z.string()),
    source: setSource,
    problems: z.array(problem).min(1).max(1000),
    problemCount: z.int().positive(),
  }),
  id: (_, setId) => `${setId}/rejected`,
  about,
  subject,
});

const progress = z.object({
  set: setHeader,
  round: z.int().positive().describe('1, plus one for each retry'),
  counts,
});

/** Optional, since events from earlier trackers lack them: those reported money only when a round ended. */
const paidSoFar = {
  billedCharacters: count.optional().describe('paid for by this set so far'),
  costUsd: usd.optional().describe('what that cost, US dollars, decimal text'),
};

export const SetCompleted = defineEvent({
  name: 'SetCompleted',
  type: 'setlist.set.completed',
  version: 1,
  by: ['tracker'],
  says: 'every item of the round has its outcome',
  data: progress.extend({
    billedCharacters: count.describe('paid for by this set'),
    costUsd: usd,
    savedUsd: usd.describe('what reuse saved'),
    startedAt: instant,
    endedAt: instant.describe("the last outcome's time on the broker"),
    failures: z.array(failedItem).max(20).describe('the first failed items'),
    chain,
  }),
  id: (data, setId) => `${setId}/completed/${data.round}`,
  about,
  subject,
});

/** The id of the event that reported a stall, from the sequence since which nothing had moved. */
export const stallId = (setId: string | undefined, sinceSeq: number): string =>
  `${setId}/stalled/${sinceSeq}`;

export const SetStalled = defineEvent({
  name: 'SetStalled',
  type: 'setlist.set.stalled',
  version: 1,
  by: ['tracker'],
  says: 'the set is not done, and nothing has moved for the quiet time',
  data: progress.extend({
    ...paidSoFar,
    sinceSeq: count.describe('sequence of the last event that moved the set'),
    since: instant,
    quietMs: count,
  }),
  id: (data, setId) => stallId(setId, data.sinceSeq),
  about,
  subject,
});

export const SetUnstalled = defineEvent({
  name: 'SetUnstalled',
  type: 'setlist.set.unstalled',
  version: 1,
  by: ['tracker'],
  says: 'a stalled set moves again',
  data: progress.extend({
    ...paidSoFar,
    stalledSinceSeq: count,
    stalledSince: instant,
    movedBySeq: count.describe('sequence of the event that moved it'),
  }),
  id: (data, setId) => `${setId}/unstalled/${data.stalledSinceSeq}`,
  about,
  subject,
});

const command = z.object({
  set: setHeader,
  who: z.string(),
  why: z.string().optional(),
  afterSeq: count.describe("the set's last event when this was decided"),
});

export const SetPaused = defineEvent({
  name: 'SetPaused',
  type: 'setlist.set.paused',
  version: 1,
  by: ['tracker'],
  says: 'nothing more is started until the set is resumed',
  data: command,
  id: (data, setId) => `${setId}/paused/${data.afterSeq}`,
  about,
  subject,
});

export const SetResumed = defineEvent({
  name: 'SetResumed',
  type: 'setlist.set.resumed',
  version: 1,
  by: ['tracker'],
  says: 'a paused set continues',
  data: command,
  id: (data, setId) => `${setId}/resumed/${data.afterSeq}`,
  about,
  subject,
});

export const SetCancelled = defineEvent({
  name: 'SetCancelled',
  type: 'setlist.set.cancelled',
  version: 1,
  by: ['tracker'],
  says: 'nothing more is paid for; what is in flight finishes and is kept',
  data: command.extend({ counts, ...paidSoFar }),
  id: (_, setId) => `${setId}/cancelled`,
  about,
  subject,
});

export const SetPrioritized = defineEvent({
  name: 'SetPrioritized',
  type: 'setlist.set.prioritized',
  version: 1,
  by: ['tracker'],
  says: "the set's share of the quota changed",
  data: command.extend({ priority }),
  id: (data, setId) => `${setId}/prioritized/${data.afterSeq}`,
  about,
  subject,
});

export const SetRetried = defineEvent({
  name: 'SetRetried',
  type: 'setlist.set.retried',
  version: 1,
  by: ['tracker'],
  says: 'failed items are requested again, each by a new ItemRequested',
  data: command.extend({
    round: z.int().min(2),
    items: z.int().positive(),
    indexes: z.array(count).min(1).optional().describe('the items, if not all failed ones'),
    all: z
      .literal(true)
      .optional()
      .describe('the command named no items, and these are the ones that can be requested again'),
  }),
  id: (data, setId) => `${setId}/retried/${data.round}`,
  about,
  subject,
});
