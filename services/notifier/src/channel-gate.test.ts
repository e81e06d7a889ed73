import { beforeEach, describe, expect, test } from 'vitest';
import { ChannelGate, type NotYet } from './channel-gate.ts';
import type { Outcome } from './domain/channel.ts';

const DOWN: Outcome = { kind: 'down', reason: { code: 'away', message: 'is away', remedy: 'wait' } };
const LATER: Outcome = { ...DOWN, kind: 'later' };
const SENT: Outcome = { kind: 'sent' };

let nowMs: number;
let seen: string[];
let gate: ChannelGate;
let stopping: AbortController;

beforeEach(() => {
  nowMs = 0;
  seen = [];
  stopping = new AbortController();
  gate = new ChannelGate({
    baseMs: 100,
    capMs: 400,
    graceMs: 0,
    random: () => 0.999,
    now: () => nowMs,
    onDown: (_, restMs) => seen.push(`down ${restMs}`),
    onUp: () => seen.push('up'),
  });
});

/** Passes a message whose try has the given outcome; says whether it was tried at all. */
async function passes(outcome: Outcome): Promise<{ tried: boolean; outcome: Outcome | NotYet | undefined }> {
  let tried = false;
  const got = await gate.pass(async () => {
    tried = true;
    return outcome;
  }, stopping.signal);
  return { tried, outcome: got };
}

describe('a channel that is down', () => {
  test('is not tried while it rests, and each message gets the reason', async () => {
    await passes(DOWN);
    nowMs = 99;
    expect(await passes(SENT)).toEqual({ tried: false, outcome: DOWN });
    nowMs = 101;
    expect(await passes(SENT)).toEqual({ tried: true, outcome: SENT });
    expect(seen).toEqual(['down 100', 'up']);
  });

  test('rests twice as long after each failure, up to the cap, and starts over after a success', async () => {
    for (const _ of [1, 2, 3, 4]) {
      await passes(DOWN);
      nowMs += gate.restsForMs() + 1;
    }
    await passes(SENT);
    await passes(DOWN);
    expect(seen).toEqual(['down 100', 'down 200', 'down 400', 'down 400', 'up', 'down 100']);
  });

  test('counts several tries that fail together as one failure', async () => {
    await Promise.all([passes(DOWN), passes(DOWN), passes(DOWN)]);
    expect(seen).toEqual(['down 100']);
  });

  test('turns away the messages that queued for it', async () => {
    const fail = Promise.withResolvers<Outcome>();
    const underWay = Array.from({ length: 5 }, () => gate.pass(() => fail.promise, stopping.signal));
    const queued = passes(SENT);
    fail.resolve(DOWN);
    await Promise.all(underWay);
    expect(await queued).toEqual({ tried: false, outcome: DOWN });
  });
});

describe('a channel that asks to be left alone', () => {
  test('rests for that long, even if its back-off would be shorter', async () => {
    await passes({ ...DOWN, kind: 'down', retryAfterMs: 30_000 });
    nowMs = 29_999;
    expect(await passes(SENT)).toMatchObject({ tried: false });
    nowMs = 30_001;
    expect(await passes(SENT)).toMatchObject({ tried: true });
  });
});

describe('messages in flight when the channel goes down', () => {
  test('don’t wake it early when they get through', async () => {
    const sent = Promise.withResolvers<Outcome>();
    const underWay = gate.pass(() => sent.promise, stopping.signal);
    nowMs = 10;
    await passes({ ...DOWN, kind: 'down', retryAfterMs: 30_000 });
    sent.resolve(SENT);
    expect(await underWay).toEqual(SENT);
    nowMs = 30_009;
    expect(await passes(SENT)).toMatchObject({ tried: false });
    nowMs = 30_011;
    expect(await passes(SENT)).toMatchObject({ tried: true });
    expect(seen).toEqual(['down 30000', 'up']);
  });

  test('extend its rest to the longest that any of them is asked for', async () => {
    const failed = Promise.withResolvers<Outcome>();
    const underWay = gate.pass(() => failed.promise, stopping.signal);
    await passes(DOWN);
    failed.resolve({ ...DOWN, kind: 'down', retryAfterMs: 30_000 });
    await underWay;
    nowMs = 29_999;
    expect(await passes(SENT)).toMatchObject({ tried: false });
    nowMs = 30_001;
    expect(await passes(SENT)).toMatchObject({ tried: true });
  });
});

describe('a channel that is full', () => {
  test('sends messages away that find no place to wait, and takes the others in order', async () => {
    const release = Promise.withResolvers<Outcome>();
    const inside = Array.from({ length: 64 }, () => gate.pass(() => release.promise, stopping.signal));
    expect(await passes(SENT)).toEqual({ tried: false, outcome: { kind: 'not yet', askAgainInMs: 1_499 } });
    release.resolve(SENT);
    expect(await Promise.all(inside)).toEqual(Array.from({ length: 64 }, () => SENT));
  });

  test('lets more messages wait the faster it was, up to what it handles in a second', async () => {
    // Each takes no time at all, which counts as 1 ms.
    for (let n = 0; n < 40; n++) await passes(SENT);
    const release = Promise.withResolvers<Outcome>();
    const inside = Array.from({ length: 1_000 }, () => gate.pass(() => release.promise, stopping.signal));
    release.resolve(SENT);
    expect(new Set(await Promise.all(inside))).toEqual(new Set([SENT]));
  });

  test('sends messages away whose turn at its rate is far off', async () => {
    const paced = new ChannelGate({
      perSecond: 0.1,
      baseMs: 100,
      capMs: 400,
      graceMs: 0,
      random: () => 0,
      now: () => nowMs,
      onDown: () => undefined,
      onUp: () => undefined,
    });
    const pass = () => paced.pass(async () => SENT, stopping.signal);
    expect(await pass()).toEqual(SENT);
    expect(await pass()).toEqual({ kind: 'not yet', askAgainInMs: 10_000 });
    expect(await pass()).toEqual({ kind: 'not yet', askAgainInMs: 20_000 });
    nowMs = 10_000;
    expect(await pass()).toEqual(SENT);
  });
});

test('after the stop signal, tries in flight finish and no new one starts', async () => {
  const begun = Promise.withResolvers<Outcome>();
  const underWay = Array.from({ length: 5 }, () => gate.pass(() => begun.promise, stopping.signal));
  const queued = passes(SENT);
  await new Promise((resolve) => setImmediate(resolve));
  stopping.abort();
  begun.resolve(SENT);
  expect(await Promise.all(underWay)).toEqual([SENT, SENT, SENT, SENT, SENT]);
  expect(await queued).toEqual({ tried: false, outcome: undefined });
});

test('a message that is put off does not change the channel’s state', async () => {
  await passes(LATER);
  expect(await passes(SENT)).toEqual({ tried: true, outcome: SENT });
  expect(seen).toEqual([]);
});

test('at most five messages are in flight, and all get through, even after one that throws', async () => {
  let underWay = 0;
  let most = 0;
  const send = (fails: boolean) =>
    gate.pass(async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      if (fails) throw new Error('a fault');
      return SENT;
    }, stopping.signal);
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, index) => send(index % 3 === 0)));
  expect(most).toBe(5);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(26);
});

test('a new message never takes a freed place from one that waited for it', async () => {
  let underWay = 0;
  let most = 0;
  const send = (end: Promise<Outcome>) =>
    gate.pass(async () => {
      most = Math.max(most, ++underWay);
      const outcome = await end;
      underWay--;
      return outcome;
    }, stopping.signal);
  for (let microtasks = 0; microtasks <= 13; microtasks++) {
    const [first, others] = [Promise.withResolvers<Outcome>(), Promise.withResolvers<Outcome>()];
    const sent = Array.from({ length: 6 }, (_, at) => send(at === 0 ? first.promise : others.promise));
    first.resolve(SENT);
    for (let n = 0; n < microtasks; n++) await undefined;
    sent.push(send(others.promise));
    await new Promise((resolve) => setImmediate(resolve));
    others.resolve(SENT);
    await Promise.all(sent);
  }
  expect(most).toBe(5);
});
