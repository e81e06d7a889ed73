/** What is asked for of each item, and what came of it. */
import { z } from 'zod';
import { subjects } from '../names.ts';
import { sha256Hex, soundSchema } from '../sound.ts';
import { defineEvent } from './define.ts';
import { count, HOW, itemAttempt, lane, reason } from './parts.ts';

const item = itemAttempt.omit({ set: true }).extend({
  lane,
  file: z.string().describe('object key: prefix and file name'),
  hash: sha256Hex.describe("the sound's content hash"),
});
type Item = z.infer<typeof item>;

const billedBefore = count
  .optional()
  .describe('how many of these an outcome of an earlier attempt has said already; missing: none');

const about = (data: Item, setId: string): string => `${setId}/${data.index}`;
const outcome = (data: Item, setId: string): string =>
  subjects.outcome(setId, data.lane, data.index, data.attempt);

export const ItemRequested = defineEvent({
  name: 'ItemRequested',
  type: 'setlist.item.requested',
  version: 1,
  by: ['ingest', 'tracker'],
  says: 'this phrase is wanted under this name',
  data: item.extend({
    sound: soundSchema,
    billedCharacters: count,
    operation: z.enum(['synthesize', 'task']),
  }),
  id: (data, setId) => `${setId}/items/${data.index}/${data.attempt}/requested`,
  about,
  subject: (data, setId) => subjects.requested(setId, data.lane),
});

export const ItemCompleted = defineEvent({
  name: 'ItemCompleted',
  type: 'setlist.item.completed',
  version: 1,
  by: ['dispatcher'],
  says: 'the audio is there under its name, whole and checked',
  data: item.extend({
    how: z.enum(HOW),
    billedCharacters: count.describe('0 where nothing was paid for this item'),
    billedBefore,
    sparedCharacters: count.describe('what would have been billed without reuse'),
    bytes: count,
    sha256: sha256Hex,
    durationMs: count,
  }),
  id: (data, setId) => `${setId}/items/${data.index}/${data.attempt}/completed`,
  about,
  subject: outcome,
});

export const ItemFailed = defineEvent({
  name: 'ItemFailed',
  type: 'setlist.item.failed',
  version: 1,
  by: ['dispatcher'],
  says: 'the item was given up, with the reason and what to do',
  data: item.extend(reason.shape).extend({
    tries: z.int().positive(),
    billedCharacters: count
      .optional()
      .describe('what this item had paid for when it was given up; missing: nothing, or it was not said'),
    billedBefore,
  }),
  id: (data, setId) => `${setId}/items/${data.index}/${data.attempt}/failed`,
  about,
  subject: outcome,
});
