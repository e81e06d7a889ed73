/** What is logged of items that fail. */
import type { Work } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { beforeEach, expect, test } from 'vitest';
import type { SettleDeps } from './deps.ts';
import { FailedItems } from './failed-items.ts';
import { itemOf } from './item.ts';
import { fail } from './outcome.ts';

const EXPIRED = { code: 'ExpiredTokenException', message: 'no', remedy: 'Renew the credentials.' };

let said: { level: string; index: number; code: string }[];
let failedItems: FailedItems;
beforeEach(() => {
  said = [];
  const destination = { write: (text: string) => void said.push(JSON.parse(text)) };
  const logger = createLogger({ service: 'dispatcher', level: 'debug', pretty: false, destination });
  failedItems = new FailedItems(logger);
});

/** Fails an item, whose outcome the log answers with `kind`. */
async function fails(index: number, reason = EXPIRED, { attempt = 1, kind = 'stored' } = {}): Promise<void> {
  const data = {
    ...{ index, attempt, lane: 'neural', file: 'a.mp3', hash: 'a'.repeat(64), billedCharacters: 1 },
    sound: { provider: 'local', lexicons: [] },
  };
  const event = { id: 'request', setId: 'a-set', data };
  const work = { deliveries: 1, record: { event }, done: () => undefined };
  const deps = { log: { append: async () => ({ kind }) }, failedItems };
  const item = itemOf(work as unknown as Work, { output: 'file:///out', bothPaths: false });
  await fail(deps as unknown as SettleDeps, item, reason);
}

test('warns once of each code that items of a set fail with, with the remedy, and again in a retry', async () => {
  for (let index = 0; index < 3; index++) await fails(index);
  await fails(3, { ...EXPIRED, code: 'store-denied' });
  await fails(0, EXPIRED, { attempt: 2 });
  expect(said.map(({ level, index, code }) => [level, index, code])).toEqual([
    ['warn', 0, 'ExpiredTokenException'],
    ['debug', 1, 'ExpiredTokenException'],
    ['debug', 2, 'ExpiredTokenException'],
    ['warn', 3, 'store-denied'],
    ['warn', 0, 'ExpiredTokenException'],
  ]);
  expect(said[0]).toMatchObject({
    ...{ event: 'item-failed', set: 'a-set', attempt: 1, tries: 1, remedy: EXPIRED.remedy },
    msg: 'an item of a-set failed with ExpiredTokenException; others with this code are only counted',
  });
});

test('logs nothing of a failure that isn’t the item’s outcome, because it has another', async () => {
  await fails(0, EXPIRED, { kind: 'conflict' });
  expect(said).toEqual([]);
});
