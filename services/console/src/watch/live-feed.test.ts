/** The first frame for a reconnecting watcher, and starting while the tracker is behind, without a broker. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { type SetSummary, setKey } from '@setlist/contracts';
import type { Recorded } from '@setlist/eventlog';
import { evolve, type FoldState } from '@setlist/sets';
import { eventsOf, eventually, recorded } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { localCaller } from '../access/caller.ts';
import type { Frame } from './frame.ts';
import { LiveFeed, type LiveFeedDeps } from './live-feed.ts';
import { SetsMirror } from './sets-mirror.ts';

/** The first frame for a watcher of all sets when this many have changed since. */
async function firstFrame(changed: number): Promise<string | undefined> {
  const summaries = Array.from({ length: changed }, (_, n) => {
    const set = { name: `set-${n}` };
    return { setId: `set-${n}`, set, acceptedAt: '2026-01-01T00:00:00.000Z', lastSeq: 100 } as SetSummary;
  });
  const stored = new Map(summaries.map((summary) => [setKey(summary.setId), { value: summary }]));
  const sets = { keys: async () => [...stored.keys()], get: async (key: string) => stored.get(key) };
  const mirror = new SetsMirror({ sets } as never);
  await mirror.load();
  const feed = new LiveFeed({ mirror } as LiveFeedDeps);
  const frames: Frame[] = [];
  const watcher = { caller: localCaller, send: (frame: Frame) => void frames.push(frame) };
  using _watching = await feed.watch(watcher, 0);
  return /^event: (.*)$/m.exec(frames[0] ?? '')?.[1];
}

test('a reconnecting watcher gets a few changed sets, or a reset if there are very many', async () => {
  expect(await firstFrame(3)).toBe('change');
  expect(await firstFrame(500)).toBe('change');
  expect(await firstFrame(501)).toBe('reset');
});

const set = eventsOf();
const told = recorded([set.accepted(), set.requested(0), set.requested(1), set.cancelled()]);
const summaryAfter = (count: number) => told.slice(0, count).reduce<FoldState>(evolve, {}).summary;

/** A console on a log of which the tracker has folded this many events. */
async function consoleOn(records: readonly Recorded[], folded: number) {
  let stored = summaryAfter(folded);
  const key = setKey(set.id);
  const log = {
    head: async () => records.length,
    check: async () => undefined,
    first: async () => records[0],
    last: async () => records.at(-1),
    async *read() {
      yield* records.slice(-1);
    },
    async *follow() {},
    untilEndLost: (signal: AbortSignal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(false))),
    sets: {
      keys: async () => (stored ? [key] : []),
      get: async () => stored && { key, value: stored },
      getAtLeader: async () => undefined,
    },
  };
  const mirror = new SetsMirror(log as never);
  const feed = new LiveFeed({ log, mirror } as unknown as LiveFeedDeps);
  const ending = new AbortController();
  const { done } = await feed.start(ending.signal);
  return {
    feed,
    mirror,
    fold: (count: number) => {
      stored = summaryAfter(count);
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await done;
    },
  };
}

test('what watchers have missed is read for four at a time, and only while they are there', async () => {
  const reads = { begun: 0, open: 0 };
  const log = {
    async *read() {
      reads.begun++;
      reads.open++;
      try {
        for (;;) {
          await nextTurn();
          yield told[0];
        }
      } finally {
        reads.open--;
      }
    },
  };
  const feed = new LiveFeed({ log, mirror: new SetsMirror({} as never) } as unknown as LiveFeedDeps);
  const watchers = Array.from({ length: 6 }, () => {
    const leaving = new AbortController();
    const watcher = { setId: set.id, caller: localCaller, send: () => undefined };
    return { leave: () => leaving.abort(new Error('left')), ended: feed.watch(watcher, 0, leaving.signal) };
  });
  const ends = Promise.allSettled(watchers.map(({ ended }) => ended));
  const [reading, , , , waiting, last] = watchers;
  await eventually(() => expect(reads).toEqual({ begun: 4, open: 4 }));
  waiting?.leave();
  await expect(waiting?.ended).rejects.toThrow('left');
  reading?.leave();
  await eventually(() => expect(reads).toEqual({ begun: 5, open: 4 }));
  for (const { leave } of watchers) leave();
  await expect(last?.ended).rejects.toThrow('left');
  await ends;
  expect(reads.open).toBe(0);
});

test.each([
  ['nothing', 0],
  ['a part', 2],
])(
  'an ended set of which the tracker has folded %s at the start is sent once it is folded',
  async (_, folded) => {
    await using console = await consoleOn(told, folded);
    const frames: Frame[] = [];
    const watcher = { caller: localCaller, send: (frame: Frame) => void frames.push(frame) };
    using _watching = await console.feed.watch(watcher, undefined);
    expect(console.feed.position()).toBeLessThan(told.length);
    console.fold(told.length);
    await eventually(() => frames.at(-1)?.includes('"state":"cancelled"') ?? false);
    expect(console.feed.position()).toBe(told.length);
  },
);

test('a set whose beginning only a newer version can read doesn’t hold up the start', async () => {
  const { event: _, ...unreadable } = told[0] as (typeof told)[number];
  await using console = await consoleOn([unreadable, ...told.slice(1)], 0);
  expect(console.feed.position()).toBe(told.length);
});
