/** The request for each item, and its outcome. */
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
  .describe('how many of these an earlier attempt already reported; missing: none');

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
  says: 'the audio is in place under its name, whole and checked',
  data: item.extend({
    how: z.enum(HOW),
    billedCharacters: count.describe('0 if nothing was paid for this item'),
    billedBefore,
    sparedCharacters: count.describe('characters that would have been billed without reuse'),
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
  says: 'the item was given up; gives the reason and a remedy',
  data: item.extend(reason.shape).extend({
    tries: z.int().positive(),
    billedCharacters: count
      .optional()
      .describe('what this item had been billed when it was given up; missing: nothing, or not reported'),
    billedBefore,
  }),
  id: (data, setId) => `${setId}/items/${data.index}/${data.attempt}/failed`,
  about,
  subject: outcome,
});
