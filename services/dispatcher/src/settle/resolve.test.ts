/** What happens to an item that is delivered although its outcome is in the log. */
import type { Work } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import type { SettleDeps } from './deps.ts';
import { itemOf } from './item.ts';
import { resolve } from './resolve.ts';

const hash = 'a'.repeat(64);

/** Resolves an item whose sound is not paid. */
async function resolved({ deliveries, outcomes }: { deliveries: number; outcomes: number }) {
  let done = 0;
  const event = {
    setId: 'a-set',
    data: { index: 0, attempt: 1, lane: 'neural', hash, sound: { provider: 'local' } },
  };
  const work = { deliveries, record: { event }, done: () => void done++ };
  const deps = {
    log: { clock: { now: () => 0 }, last: async () => (outcomes > 0 ? { seq: 1 } : undefined) },
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
  expect(await resolved({ deliveries, outcomes: 0 })).toEqual({ kind: 'payable', done: 0 });
  expect(await resolved({ deliveries, outcomes: 1 })).toEqual({ kind: 'settled', done: 1 });
});
