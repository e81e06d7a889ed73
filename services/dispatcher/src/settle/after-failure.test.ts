/** What follows for an item meant for a call, and for other items, when its task or its call fails for good. */
import type { Work } from '@setlist/eventlog';
import type { Operation } from '@setlist/polly';
import { expect, test, vi } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import type { Failure } from '../domain/classify.ts';
import type { ClaimLease } from '../ledger/claim-lease.ts';
import { afterError } from './after-failure.ts';
import type { SettleDeps } from './deps.ts';
import { itemOf } from './item.ts';
import type { Turn } from './turn.ts';

interface Tried {
  readonly operation?: Operation;
  readonly sampleRate?: number;
  readonly hasBucket?: boolean;
  readonly only?: Operation;
}

/** The result for an item whose task or call failed like this, how often the log says so, and what the item remembers. */
async function after(
  failure: Pick<Failure, 'code' | 'isLookUp'>,
  { operation = 'task', sampleRate = 24_000, hasBucket = true, only }: Tried = {},
) {
  const data = {
    ...{ index: 0, attempt: 1, lane: 'neural', file: 'a.mp3', hash: 'a'.repeat(64), billedCharacters: 1 },
    ...{ operation: 'synthesize', sound: { provider: 'local', format: 'mp3', sampleRate } },
  };
  const work = { record: { event: { id: 'request', setId: 'a-set', data } }, done: () => undefined };
  const item = itemOf(work as unknown as Work, { output: 'file:///out', bothPaths: true });
  if (only) item.only = only;
  const logger = { warn: vi.fn(), debug: vi.fn() };
  const deps = {
    draining: new AbortController().signal,
    ledger: { freed: async () => undefined },
    log: { append: async () => ({ kind: 'conflict' }) },
    logger,
    tasksOf: () => (hasBucket ? {} : undefined),
  };
  const lease = { end: async () => ({ right: {}, operation }) };
  const error = new CallFailed({ from: 'provider', message: 'no', ...failure });
  const turn = { item, operation } as Turn;
  const paid = await afterError(deps as unknown as SettleDeps, turn, {
    lease: lease as unknown as ClaimLease,
    error,
  });
  const { warn, debug } = logger;
  const said = { warnings: warn.mock.calls.length, hints: debug.mock.calls.length };
  return { paid, ...said, left: item.only, lastReason: item.lastReason?.code };
}

test('a task refused for what every task would meet stops tasks; one refused for its text only leaves it to a call', async () => {
  const again = { kind: 'again', inMs: 0 };
  for (const code of ['InvalidS3BucketException', 'AccessDeniedException', 'ServiceQuotaExceededException'])
    expect(await after({ code })).toEqual({
      paid: { ...again, tasksRefused: true },
      ...{ warnings: 1, hints: 0, left: 'synthesize', lastReason: code },
    });
  for (const code of ['InvalidSsmlException', 'task-failed'])
    expect(await after({ code })).toEqual({
      paid: again,
      ...{ warnings: 0, hints: 1, left: 'synthesize', lastReason: code },
    });
});

test('an item whose look-up is refused on a task’s turn has failed, and stops no tasks', async () => {
  const failed = { paid: { kind: 'settled' }, warnings: 0, hints: 0 };
  expect(await after({ code: 'AccessDeniedException', isLookUp: true })).toEqual(failed);
});

test('an item whose call was cut off goes on with a task if one can make it here, and has failed otherwise', async () => {
  const call = { operation: 'synthesize' } as const;
  const cutOff = { code: 'audio-cut-off' };
  expect(await after(cutOff, call)).toEqual({
    paid: { kind: 'again', inMs: 0 },
    ...{ warnings: 0, hints: 1, left: 'task', lastReason: cutOff.code },
  });
  const failed = { paid: { kind: 'settled' }, warnings: 0, hints: 0 };
  expect(await after(cutOff, { ...call, hasBucket: false })).toEqual(failed);
  expect(await after(cutOff, { ...call, sampleRate: 44_100 })).toEqual(failed);
  expect(await after({ code: 'InvalidSsmlException' }, call)).toEqual(failed);
  expect(await after(cutOff, { ...call, only: 'synthesize' })).toEqual({ ...failed, left: 'synthesize' });
  expect(await after({ code: 'task-failed' }, { only: 'task' })).toEqual({ ...failed, left: 'task' });
});
