/** Items whose outcome is in the log already, that are too long for a call, or whose deadline comes while they wait. */
import type { SetlistEvent } from '@setlist/contracts';
import type { Work } from '@setlist/eventlog';
import { settlesWithin } from '@setlist/runtime';
import { describe, expect, test } from 'vitest';
import type { SettleDeps } from './deps.ts';
import { itemOf } from './item.ts';
import { resolve } from './resolve.ts';

const hash = 'a'.repeat(64);

interface Delivered {
  readonly deliveries: number;
  /** Whether its outcome is in the log at the n-th look, from 0 on. */
  readonly hasOutcome: (look: number) => boolean;
}

/** Resolves an item whose sound is not paid. */
async function resolved({ deliveries, hasOutcome }: Delivered) {
  let [done, looks] = [0, 0];
  const event = {
    setId: 'a-set',
    data: { index: 0, attempt: 1, lane: 'neural', hash, sound: { provider: 'local', lexicons: [] } },
  };
  const work = { deliveries, record: { event }, done: () => void done++ };
  const deps = {
    log: { clock: { now: () => 0 }, last: async () => (hasOutcome(looks++) ? { seq: 1 } : undefined) },
    ledger: { read: async () => ({ kind: 'unknown', seq: 0 }), remembers: () => false },
  };
  const item = itemOf(work as unknown as Work, { output: 'file:///out', bothPaths: false });
  const { kind } = await resolve(deps as unknown as SettleDeps, item, {
    isTakenForNew: false,
    isPaused: () => false,
    signal: new AbortController().signal,
    onWaiting: () => undefined,
  });
  return { kind, done };
}

test.each([
  ['again', 2],
  ['by a lane that was created again', 1],
])('an item that failed is done, not paid, when it is delivered %s', async (_, deliveries) => {
  expect(await resolved({ deliveries, hasOutcome: () => false })).toEqual({ kind: 'payable', done: 0 });
  expect(await resolved({ deliveries, hasOutcome: () => true })).toEqual({ kind: 'settled', done: 1 });
});

test('an item delivered again is not paid if it fails elsewhere after its outcome was looked for', async () => {
  const failsLater = (look: number): boolean => look > 0;
  expect(await resolved({ deliveries: 2, hasOutcome: failsLater })).toEqual({ kind: 'settled', done: 1 });
});

test('audio that an item found gone is not looked for again at its next try, but for another item', async () => {
  let looks = 0;
  const event = {
    setId: 'a-set',
    data: { index: 0, attempt: 1, lane: 'neural', hash, sound: { provider: 'local', lexicons: [] } },
  };
  const work = { deliveries: 1, record: { event } } as unknown as Work;
  const deps = {
    log: { clock: { now: () => 0 }, last: async () => undefined },
    ledger: {
      read: async () => ({ kind: 'freed', seq: 9, at: 0, claim: 2, because: 'missing', standing: 7 }),
      remembers: () => false,
      paymentAt: async () => void looks++,
      past: async () => ({ isTooLong: false }),
    },
  };
  const newItem = () => itemOf(work, { output: 'file:///out', bothPaths: false });
  const look = (item: ReturnType<typeof newItem>) =>
    resolve(deps as unknown as SettleDeps, item, {
      isTakenForNew: false,
      isPaused: () => false,
      signal: new AbortController().signal,
      onWaiting: () => undefined,
    });
  const item = newItem();
  for (const [each, expected] of [
    [item, 1],
    [item, 1],
    [newItem(), 2],
  ] as const) {
    expect(await look(each)).toMatchObject({ kind: 'payable', right: { because: 'missing', standing: 7 } });
    expect(looks).toBe(expected);
  }
});

describe('a sound that is too long for a call', () => {
  const at = { seq: 9, at: 0, claim: 2 };
  const cutOff = { ...at, kind: 'freed', because: 'cut', isCutOff: true };
  const failedSince = { ...at, kind: 'freed', because: 'cut' };
  const paid = { ...at, kind: 'paid', paid: { claim: 2, how: 'task', durationMs: 600_000 } };
  const found = { ...cutOff, lost: { keyPrefix: 'setlist/a' } };
  const expired = { ...cutOff, because: 'expired' };

  /** Resolves it at two tries of an item. */
  async function resolvedTwice(state: object, hasBucket: boolean) {
    let reads = 0;
    const said: string[] = [];
    const sound = { provider: 'local', format: 'json', lexicons: [] };
    const data = { index: 0, attempt: 1, lane: 'neural', file: 'a.json', hash, billedCharacters: 1, sound };
    const record = { event: { id: 'request', setId: 'a-set', data } };
    const work = { deliveries: 1, record, done: () => undefined } as unknown as Work;
    const append = async ({ data }: SetlistEvent) => {
      said.push('code' in data ? data.code : '');
      return { kind: 'stored', already: true };
    };
    const deps = {
      log: { clock: { now: () => 0 }, last: async () => undefined, append },
      ledger: {
        read: async () => state,
        remembers: () => false,
        past: async () => ({ isTooLong: reads++ >= 0 }),
      },
      tasksOf: () => (hasBucket ? {} : undefined),
    };
    const item = itemOf(work, { output: 'file:///out', bothPaths: false, freshSince: 9 });
    const once = () =>
      resolve(deps as unknown as SettleDeps, item, {
        isTakenForNew: false,
        isPaused: () => false,
        signal: new AbortController().signal,
        onWaiting: () => undefined,
      });
    item.tries = 1;
    await once();
    const { kind } = await once();
    return { kind, only: item.only, isTooLong: item.isTooLong, said, reads };
  }

  test.each([
    ['its last call was cut off', cutOff, 0],
    ['a call was cut off before its last claim ended', failedSince, 1],
    ['a task brought longer audio', paid, 0],
  ])('is left to a task if %s', async (_, state, reads) => {
    const byTask = { kind: 'payable', only: 'task', isTooLong: true, said: [], reads };
    expect(await resolvedTwice(state, true)).toEqual(byTask);
  });

  test.each([
    ['its last call was cut off', cutOff, 0],
    ['a task may be lost', found, 0],
    ['a call was cut off before its last claim ended', failedSince, 1],
    ['a task brought longer audio', paid, 0],
  ])('fails without a bucket if %s', async (_, state, reads) => {
    const said = ['audio-cut-off', 'audio-cut-off'];
    expect(await resolvedTwice(state, false)).toMatchObject({ kind: 'settled', said, reads });
  });

  test('has its turn without a bucket after an expired claim, which may have left its audio', async () => {
    expect(await resolvedTwice(expired, false)).toMatchObject({ kind: 'payable', isTooLong: true, said: [] });
  });
});

const DEADLINE = Date.parse('2026-11-30T05:00:00Z');

test('a deadline that comes during a look-up of a lexicon ends the wait; the reason names the lexicon, and the last try', async () => {
  let now = DEADLINE - 1;
  const said: SetlistEvent[] = [];
  const lexicons = [{ name: 'late', sha256: 'a'.repeat(64) }];
  const event = {
    ...{ id: 'request', setId: 'a-set' },
    data: {
      ...{ index: 0, attempt: 1, lane: 'neural', file: 'a.mp3', hash, billedCharacters: 1 },
      sound: { provider: 'local', lexicons },
    },
  };
  const record = { event, time: new Date(now) };
  const work = { deliveries: 1, record, done: () => undefined } as unknown as Work;
  const recent = (): Promise<never> => {
    now = DEADLINE;
    return new Promise(() => undefined);
  };
  const deps = {
    log: {
      clock: { now: () => now },
      last: async () => undefined,
      append: async (outcome: SetlistEvent) => {
        said.push(outcome);
        return { kind: 'stored', already: true };
      },
    },
    ledger: { read: async () => ({ kind: 'unknown', seq: 0 }), remembers: () => false },
    lexiconsOf: () => ({ settlesInMs: 0, recent }),
  };
  const item = itemOf(work, { output: 'file:///out', bothPaths: false, deadline: DEADLINE });
  item.lastReason = { code: 'ThrottlingException', message: 'Rate exceeded', remedy: 'Nothing to do.' };
  const settled = await resolve(deps as unknown as SettleDeps, item, {
    isTakenForNew: false,
    isPaused: () => false,
    signal: new AbortController().signal,
    onWaiting: () => undefined,
  });
  expect(settled).toEqual({ kind: 'settled' });
  const message = expect.stringMatching(
    /; it was waiting for its lexicons: late; its last try: Rate exceeded$/,
  );
  expect(said).toMatchObject([{ name: 'ItemFailed', data: { code: 'deadline', message } }]);
});

const STEP_MS = 0.1;

// The clock passes the deadline between two of its readings: at the first, or the second, and so on.
test.each([1, 2, 3, 4, 5])(
  'an item whose deadline comes at reading %i of the clock waits no longer',
  async (nth) => {
    let readings = 0;
    const now = (): number => DEADLINE + STEP_MS * (++readings - nth);
    const said: SetlistEvent[] = [];
    const event = {
      ...{ id: 'request', setId: 'a-set' },
      data: {
        ...{ index: 0, attempt: 1, lane: 'neural', file: 'a.mp3', hash, billedCharacters: 1 },
        sound: { provider: 'local', lexicons: [] },
      },
    };
    const work = { deliveries: 1, record: { event }, done: () => undefined } as unknown as Work;
    const claim = {
      ordinal: 1,
      until: DEADLINE + 60_000,
      holdMs: 60_000,
      expired: 0,
      for: { set: 'another-set' },
    };
    const deps = {
      log: {
        clock: { now },
        append: async (outcome: SetlistEvent) => {
          said.push(outcome);
          return { kind: 'stored', already: true };
        },
      },
      ledger: {
        read: async () => ({ kind: 'claimed', seq: 7, claim }),
        remembers: () => false,
        changed: () => new Promise(() => undefined),
      },
    };
    const item = itemOf(work, { output: 'file:///out', bothPaths: false, deadline: DEADLINE });
    const settled = resolve(deps as unknown as SettleDeps, item, {
      isTakenForNew: false,
      isPaused: () => false,
      signal: new AbortController().signal,
      onWaiting: () => undefined,
    });
    expect(await settlesWithin(5_000, settled)).toBe(true);
    expect(said).toMatchObject([{ name: 'ItemFailed', data: { code: 'deadline' } }]);
  },
);
