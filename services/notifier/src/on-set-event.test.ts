/** How a handler answers the log for an event: done, given back, still working, or not at all. */
import { type SetlistEvent, subjects } from '@setlist/contracts';
import type { Handout } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { completed, completedWithFailures, paused, setIdOf, stalled, unstalled } from '../test/set-events.ts';
import { ChannelGate } from './channel-gate.ts';
import type { DeliverDeps } from './deliver.ts';
import type { Channel, Outcome } from './domain/channel.ts';
import { type SetEventDeps, setEventHandler } from './on-set-event.ts';
import { openWording } from './templating/templates.ts';

const STORED_AT = new Date('2026-11-22T21:00:00Z');
const MAX_AGE_MS = 86_400_000;
const never = new AbortController().signal;
const log = {
  append: () => Promise.reject(new Error('nothing is to be noted')),
  lastAtLeader: () => Promise.reject(new Error('nothing is to be looked up')),
  async *read() {},
};

/** A handler whose clock is `ageMs` past the time at which the event was stored. */
const handler = (ageMs: number, more: Partial<SetEventDeps> = {}) =>
  setEventHandler({
    log: { ...log, clock: { now: () => STORED_AT.getTime() + ageMs, measure: async () => {} } },
    logger: createLogger({ service: 'notifier', level: 'silent' }),
    retry: { baseMs: 5_000, capMs: 600_000, forMs: MAX_AGE_MS },
    random: () => 0.999,
    channels: [],
    wording: openWording({}),
    ackWaitMs: 30_000,
    maxAgeMs: MAX_AGE_MS,
    ...more,
  });

/** A handout of a record in the log. @returns it, with the answers to it in order */
function handedOut(what: Pick<Handout['record'], 'event' | 'problem'>, deliveries: number) {
  const answers: (string | number)[] = [];
  const subject = subjects.state(what.event?.setId ?? 'a-set');
  const handout: Handout = {
    record: { seq: 7, subject, time: STORED_AT, raw: new Uint8Array(), ...what },
    deliveries,
    place: 1,
    pending: 0,
    done: () => void answers.push('done'),
    giveBack: (delayMs = 0) => void answers.push(delayMs),
    alive: () => void answers.push('alive'),
  };
  return { handout, answers };
}

/** The answers to an event that can't be read here. */
async function settled(code: 'unknown-type' | 'invalid-data', deliveries: number, ageMs: number) {
  const { handout, answers } = handedOut({ problem: { code, message: 'not known here' } }, deliveries);
  await handler(ageMs)(handout, never);
  return answers;
}

/** A channel that accepts a message when the test lets it. */
function heldChannel() {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let messages = 0;
  const channel: Channel = {
    name: 'held',
    recipient: 'somebody',
    deliver: () => {
      messages++;
      return promise;
    },
  };
  const gate = new ChannelGate({
    baseMs: 1,
    capMs: 1,
    graceMs: 0,
    random: () => 0,
    now: () => 0,
    onDown: () => undefined,
    onUp: () => undefined,
  });
  return { gated: { channel, gate }, messages: () => messages, take: () => resolve({ kind: 'sent' }) };
}

const noted: DeliverDeps['log'] = {
  clock: { now: () => STORED_AT.getTime(), measure: async () => {} },
  append: async () => ({ kind: 'stored', seq: 8 }),
  lastAtLeader: async () => undefined,
};

test('an event that is redelivered while its message is in flight is sent once, by the first delivery', async () => {
  const { gated, messages, take } = heldChannel();
  const handle = handler(0, { channels: [gated], log: { ...log, ...noted } });
  const [first, second] = [handedOut({ event: completed() }, 1), handedOut({ event: completed() }, 2)];
  const handled = [first, second].map(({ handout }) => handle(handout, never));
  take();
  await Promise.all(handled);
  expect(messages()).toBe(1);
  expect([first.answers, second.answers]).toEqual([['done'], []]);

  const third = handedOut({ event: completed() }, 3);
  await handle(third.handout, never);
  expect(third.answers).toEqual(['done']);
});

test('an event is not handed to another replica while its message is in flight', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { gated, take } = heldChannel();
  const { handout, answers } = handedOut({ event: completed() }, 1);
  const handled = handler(0, { channels: [gated], log: { ...log, ...noted } })(handout, never);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(answers.length).toBeGreaterThan(2);
  take();
  await handled;
  await vi.advanceTimersByTimeAsync(60_000);
  expect([new Set(answers.slice(0, -1)), answers.at(-1)]).toEqual([new Set(['alive']), 'done']);
});

test('a stall that ends while its message waits in line is not announced any more', async () => {
  const { gated, messages, take } = heldChannel();
  let ageMs = 0;
  const clock = { now: () => STORED_AT.getTime() + ageMs, measure: async () => {} };
  const stall = handedOut({ event: stalled() }, 1);
  const end = { ...stall.handout.record, seq: 8, event: unstalled() };
  const read: SetEventDeps['log']['read'] = async function* ({ subjects: of }) {
    if (of?.includes(end.subject)) yield end;
  };
  const handle = handler(0, { channels: [gated], log: { ...log, ...noted, clock, read } });
  // As many as the channel takes at a time.
  const before = [1, 2, 3, 4, 5].map((n) => handedOut({ event: completed({ setId: setIdOf(n) }) }, 1));
  const handled = [...before, stall].map(({ handout }) => handle(handout, never));
  await vi.waitFor(() => expect(messages()).toBe(5));
  ageMs = 60_000;
  take();
  await Promise.all(handled);
  expect([messages(), stall.answers]).toEqual([5, [0]]);

  const again = handedOut({ event: stalled() }, 2);
  await handle(again.handout, never);
  expect([messages(), again.answers]).toEqual([5, ['done']]);
});

test('the end of a stall is not passed over while another replica can still be announcing the stall', async () => {
  const { gated, messages } = heldChannel();
  const answersAt = async (ageMs: number, tries: Pick<Channel, 'tryWithinMs'> = {}) => {
    const { handout, answers } = handedOut({ event: unstalled() }, 2);
    const clock = { now: () => STORED_AT.getTime() + ageMs, measure: async () => {} };
    const channels = [{ ...gated, channel: { ...gated.channel, ...tries } }];
    await handler(ageMs, { channels, log: { ...log, ...noted, clock } })(handout, never);
    return answers;
  };
  expect(await answersAt(59_999)).toEqual([6_000]);
  expect(await answersAt(60_000)).toEqual(['done']);
  expect(await answersAt(659_999, { tryWithinMs: 600_000 })).toEqual([66_000]);
  expect(await answersAt(660_000, { tryWithinMs: 600_000 })).toEqual(['done']);
  expect(messages()).toBe(0);
});

/** A logger, with its warnings in order. */
function warnings() {
  const entries: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void entries.push(JSON.parse(line)) };
  const logger = createLogger({ service: 'notifier', level: 'warn', pretty: false, destination });
  return { entries, logger };
}

const NOTIFY_GONE = { set: { name: 'moby-dick', location: '/srv/moby-dick', notify: ['gone'] } };

// A stop or an error can have ended the first delivery before.
test.each([
  ['unreadable', { problem: { code: 'unknown-type', message: 'not known here' } }, { seq: 7 }],
  ['unknown-channel', { event: stalled(NOTIFY_GONE) }, { unknown: ['gone'] }],
  ['passed-over', { event: unstalled() }, { channel: 'held' }],
] as const)('%s is logged once, even if the first delivery did not come to it', async (line, what, more) => {
  const { entries, logger } = warnings();
  const { gated, take } = heldChannel();
  take();
  const clock = { now: () => STORED_AT.getTime() + 60_000, measure: async () => {} };
  const handle = handler(60_000, { channels: [gated], log: { ...log, ...noted, clock }, logger });
  for (const times of [2, 3, 4]) await handle(handedOut(what, times).handout, never);
  expect(entries).toMatchObject([{ event: line, ...more }]);
});

test('an event of a newer version is given back with growing delays, until it is too old to send', async () => {
  const [first] = await settled('unknown-type', 1, 0);
  const [third] = await settled('unknown-type', 3, 60_000);
  expect(first).toBeGreaterThan(0);
  expect(third).toBeGreaterThan(first as number);
  expect(await settled('unknown-type', 90, MAX_AGE_MS - 1)).toEqual([expect.any(Number)]);
  expect(await settled('unknown-type', 90, MAX_AGE_MS + 1)).toEqual(['done']);
});

test('old news is noted as failed, once, and a stall only if it still holds', async () => {
  const { gated, messages, take } = heldChannel();
  take();
  let ageMs = MAX_AGE_MS + 1;
  const clock = { now: () => STORED_AT.getTime() + ageMs, measure: async () => {} };
  const notes: SetlistEvent[] = [];
  const append: DeliverDeps['log']['append'] = async (note) => {
    notes.push(note);
    return { kind: 'stored', seq: 8 };
  };
  const answersTo = async (event: SetlistEvent, more: Partial<SetEventDeps['log']> = {}, deliveries = 1) => {
    const { handout, answers } = handedOut({ event }, deliveries);
    const kept = { ...log, ...noted, clock, append, ...more };
    await handler(0, { channels: [gated], log: kept })(handout, never);
    return answers;
  };
  expect(await answersTo(completed())).toEqual(['done']);
  expect(await answersTo(stalled())).toEqual(['done']);
  const failed = { name: 'NotificationFailed', data: { code: 'too-old', channel: 'held' } };
  expect(notes).toMatchObject([failed, failed]);

  const { record } = handedOut({ event: completed() }, 1).handout;
  const read: SetEventDeps['log']['read'] = async function* ({ subjects: of }) {
    if (of?.includes(record.subject)) yield { ...record, seq: 8 };
  };
  expect(await answersTo(stalled(), { read })).toEqual(['done']);
  expect(await answersTo(completed(), { lastAtLeader: async () => record })).toEqual(['done']);
  expect(notes).toHaveLength(2);

  // Its failures are not looked up in the log.
  const unread = { read: () => expect.fail('nothing is to be read') };
  expect(await answersTo(completedWithFailures(), unread)).toEqual(['done']);
  // The first handling of the event was cut short.
  ageMs = 2 * MAX_AGE_MS + 1;
  expect(await answersTo(completed(), {}, 2)).toEqual(['done']);
  expect(notes.slice(2)).toMatchObject([failed, failed]);
  expect(messages()).toBe(0);
});

test('an event that no version should have written is acknowledged at once', async () => {
  expect(await settled('invalid-data', 1, 0)).toEqual(['done']);
});

test('a stall is given back while its set is paused, until its time is over', async () => {
  const answersAt = async (ageMs: number) => {
    const { handout, answers } = handedOut({ event: stalled() }, 2);
    const pause = { ...handout.record, seq: 8, event: paused() };
    const clock = { now: () => STORED_AT.getTime() + ageMs, measure: async () => {} };
    const read: SetEventDeps['log']['read'] = async function* ({ subjects: of }) {
      if (of?.includes(handout.record.subject)) yield pause;
    };
    await handler(ageMs, { log: { ...log, clock, read } })(handout, never);
    return answers;
  };
  expect(await answersAt(MAX_AGE_MS)).toEqual([600_000]);
  expect(await answersAt(MAX_AGE_MS + 1)).toEqual(['done']);
});
