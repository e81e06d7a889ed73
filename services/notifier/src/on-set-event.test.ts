import type { Handout } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { expect, test } from 'vitest';
import { setEventHandler } from './on-set-event.ts';
import { openWording } from './templating/templates.ts';

const STORED_AT = new Date('2026-11-22T21:00:00Z');
const MAX_AGE_MS = 86_400_000;
const log = {
  append: () => Promise.reject(new Error('nothing is to be noted')),
  last: () => Promise.reject(new Error('nothing is to be looked up')),
  async *read() {},
};

/** What becomes of an event that can't be read here. */
async function settled(code: 'unknown-type' | 'invalid-data', deliveries: number, ageMs: number) {
  const handle = setEventHandler({
    log: { ...log, clock: { now: () => STORED_AT.getTime() + ageMs } },
    logger: createLogger({ service: 'notifier', level: 'silent' }),
    retry: { baseMs: 5_000, capMs: 600_000, forMs: MAX_AGE_MS },
    random: () => 0.999,
    channels: [],
    wording: openWording({}),
    ackWaitMs: 30_000,
    maxAgeMs: MAX_AGE_MS,
  });
  const answers: (string | number)[] = [];
  const record = {
    seq: 7,
    subject: 'setlist.events.a-set.state',
    time: STORED_AT,
    raw: new Uint8Array(),
    problem: { code, message: 'not known here' },
  };
  const handout: Handout = {
    record,
    deliveries,
    pending: 0,
    done: () => void answers.push('done'),
    giveBack: (delayMs = 0) => void answers.push(delayMs),
    alive: () => undefined,
  };
  await handle(handout, new AbortController().signal);
  return answers;
}

test('an event of a newer version is left for a newer notifier, each time longer, until it is old news', async () => {
  const [first] = await settled('unknown-type', 1, 0);
  const [third] = await settled('unknown-type', 3, 60_000);
  expect(first).toBeGreaterThan(0);
  expect(third).toBeGreaterThan(first as number);
  expect(await settled('unknown-type', 90, MAX_AGE_MS - 1)).toEqual([expect.any(Number)]);
  expect(await settled('unknown-type', 90, MAX_AGE_MS + 1)).toEqual(['done']);
});

test('an event that no version should have written is done with at once', async () => {
  expect(await settled('invalid-data', 1, 0)).toEqual(['done']);
});
