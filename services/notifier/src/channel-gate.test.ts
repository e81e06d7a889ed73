import { beforeEach, describe, expect, test } from 'vitest';
import { ChannelGate } from './channel-gate.ts';
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
    random: () => 0.999,
    now: () => nowMs,
    onDown: (_, restMs) => seen.push(`down ${restMs}`),
    onUp: () => seen.push('up'),
  });
});

/** Hands over a message whose try ends as told; says whether it was tried at all. */
async function passes(outcome: Outcome): Promise<{ tried: boolean; outcome: Outcome | undefined }> {
  let tried = false;
  const got = await gate.pass(async () => {
    tried = true;
    return outcome;
  }, stopping.signal);
  return { tried, outcome: got };
}

describe('a channel that is down', () => {
  test('is not tried while it rests, and whoever comes learns why', async () => {
    await passes(DOWN);
    nowMs = 99;
    expect(await passes(SENT)).toEqual({ tried: false, outcome: DOWN });
    nowMs = 101;
    expect(await passes(SENT)).toEqual({ tried: true, outcome: SENT });
    expect(seen).toEqual(['down 100', 'up']);
  });

  test('rests twice as long after each failure, up to the cap, and from the start again once it worked', async () => {
    for (const _ of [1, 2, 3, 4]) {
      await passes(DOWN);
      nowMs += gate.restsForMs() + 1;
    }
    await passes(SENT);
    await passes(DOWN);
    expect(seen).toEqual(['down 100', 'down 200', 'down 400', 'down 400', 'up', 'down 100']);
  });

  test('counts one failure of several tries that fail together', async () => {
    await Promise.all([passes(DOWN), passes(DOWN), passes(DOWN)]);
    expect(seen).toEqual(['down 100']);
  });

  test('turns away those who queued for it', async () => {
    const fail = Promise.withResolvers<Outcome>();
    const underWay = Array.from({ length: 5 }, () => gate.pass(() => fail.promise, stopping.signal));
    const queued = passes(SENT);
    fail.resolve(DOWN);
    await Promise.all(underWay);
    expect(await queued).toEqual({ tried: false, outcome: DOWN });
  });
});

test('once told to stop, what has begun ends and nothing begins', async () => {
  const begun = Promise.withResolvers<Outcome>();
  const underWay = Array.from({ length: 5 }, () => gate.pass(() => begun.promise, stopping.signal));
  const queued = passes(SENT);
  stopping.abort();
  begun.resolve(SENT);
  expect(await Promise.all(underWay)).toEqual([SENT, SENT, SENT, SENT, SENT]);
  expect(await queued).toEqual({ tried: false, outcome: undefined });
});

test('a message put off says nothing about the channel', async () => {
  await passes(LATER);
  expect(await passes(SENT)).toEqual({ tried: true, outcome: SENT });
  expect(seen).toEqual([]);
});

test('five messages at most are under way, and all get through, also past one that throws', async () => {
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
