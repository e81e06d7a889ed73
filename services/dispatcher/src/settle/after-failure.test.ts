/** What follows for an item meant for a call, and for other items, when its task fails for good. */
import type { Work } from '@setlist/eventlog';
import { expect, test, vi } from 'vitest';
import { CallFailed } from '../adapters/failures.ts';
import type { Failure } from '../domain/classify.ts';
import type { Tenure } from '../ledger/tenure.ts';
import { afterError } from './after-failure.ts';
import type { SettleDeps } from './deps.ts';
import { itemOf } from './item.ts';
import type { Turn } from './turn.ts';

/** The result for an item whose task failed like this, and how often the log says so. */
async function afterTask(failure: Pick<Failure, 'code' | 'isLookUp'>) {
  const data = {
    ...{ index: 0, attempt: 1, lane: 'neural', file: 'a.mp3', hash: 'a'.repeat(64), billedCharacters: 1 },
    ...{ operation: 'synthesize', sound: { provider: 'local', lexicons: [] } },
  };
  const work = { record: { event: { id: 'request', setId: 'a-set', data } }, done: () => undefined };
  const item = itemOf(work as unknown as Work, { output: 'file:///out', bothPaths: true });
  const logger = { warn: vi.fn(), debug: vi.fn() };
  const deps = {
    draining: new AbortController().signal,
    ledger: { freed: async () => undefined },
    log: { append: async () => ({ kind: 'conflict' }) },
    logger,
  };
  const tenure = { end: async () => ({ right: {}, operation: 'task' }) };
  const error = new CallFailed({ from: 'provider', message: 'no', ...failure });
  const turn = { item, operation: 'task' } as Turn;
  const paid = await afterError(deps as unknown as SettleDeps, turn, {
    tenure: tenure as unknown as Tenure,
    error,
  });
  const { warn, debug } = logger;
  const said = { warnings: warn.mock.calls.length, hints: debug.mock.calls.length };
  return { paid, ...said, isForCall: item.callsOnly === true };
}

test('a task refused for what every task would meet stops tasks; one refused for its text only leaves it to a call', async () => {
  const again = { kind: 'again', inMs: 0 };
  for (const code of ['InvalidS3BucketException', 'AccessDeniedException', 'ServiceQuotaExceededException'])
    expect(await afterTask({ code })).toEqual({
      paid: { ...again, tasksRefused: true },
      ...{ warnings: 1, hints: 0, isForCall: true },
    });
  for (const code of ['InvalidSsmlException', 'task-failed'])
    expect(await afterTask({ code })).toEqual({ paid: again, warnings: 0, hints: 1, isForCall: true });
});

test('an item whose look-up is refused on a task’s turn has failed, and stops no tasks', async () => {
  const failed = { paid: { kind: 'settled' }, warnings: 0, hints: 0, isForCall: false };
  expect(await afterTask({ code: 'AccessDeniedException', isLookUp: true })).toEqual(failed);
});
