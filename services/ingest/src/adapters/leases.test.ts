/** What a replica logs about its leases, and when it logs nothing. */
import { BrokerUnavailable, type Documents } from '@setlist/eventlog';
import type { Logger } from '@setlist/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type LeaseDeps, Leases } from './leases.ts';

const RENEWED_EVERY_MS = 10_000;
const FULL = new BrokerUnavailable('the broker takes no writes: no space left', { cause: undefined });
const HELD = { run: '20261122t205012-k3f9q2', fileName: 'act.yml' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One shared document on a broker that can refuse everything, and a replica that may hold it. */
function replica(leaseMs?: number) {
  const shared = {
    ...{ value: undefined as unknown, revision: 0, refuses: false, forgetsToAnswer: false },
    /** While the broker takes no writes: until it does. */
    isFull: undefined as Promise<void> | undefined,
  };
  const answered = <T>(answer: T): T => {
    if (shared.refuses) throw new Error('the broker refuses');
    return answer;
  };
  const coordination: Pick<Documents, 'get' | 'replace' | 'delete'> = {
    get: async <T>(key: string) =>
      answered(
        shared.value === undefined
          ? undefined
          : { key, value: shared.value as T, revision: shared.revision, storedAt: new Date(0) },
      ),
    replace: async (_, value, revision) => {
      await shared.isFull;
      if (answered(revision) !== (shared.value === undefined ? 0 : shared.revision)) return undefined;
      Object.assign(shared, { value, revision: shared.revision + 1 });
      return shared.forgetsToAnswer ? undefined : shared.revision;
    },
    delete: async () => void Object.assign(shared, answered({ value: undefined })),
  };
  const logged: object[] = [];
  const logger = { warn: (entry: object) => void logged.push(entry) } as unknown as Logger;
  const answer = () => new AsyncDisposableStack();
  const trouble = () => shared.isFull && FULL;
  const clock = { now: () => Date.now() };
  const log = { coordination, clock, answer, trouble } as unknown as LeaseDeps['log'];
  return { shared, logged, leases: new Leases({ log, logger, ...(leaseMs && { leaseMs }) }) };
}

test('logs a lease whose renewal fails, but not one whose release fails, since it runs out', async () => {
  const { shared, logged, leases } = replica();
  {
    await using _held = await leases.hold('act', HELD);
    shared.refuses = true;
    await vi.advanceTimersByTimeAsync(RENEWED_EVERY_MS);
    expect(logged).toMatchObject([{ event: 'claim-not-renewed', run: HELD.run, file: 'act.yml' }]);
  }
  expect(logged).toHaveLength(1);
});

test('logs why a file waits, and why a lease is not renewed, while the broker takes no writes', async () => {
  vi.useRealTimers();
  const { shared, logged, leases } = replica(60);
  const says = (entry: object) =>
    vi.waitFor(() => expect(logged).toMatchObject([entry]), { timeout: 30_000 });
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  shared.isFull = first.promise;
  const holding = leases.hold('act', HELD);
  await says({ event: 'set-file-waits', remedy: FULL.remedy, err: FULL });
  logged.length = 0;
  shared.isFull = second.promise;
  first.resolve();
  await using _held = await holding;
  await says({ event: 'claim-not-renewed', err: FULL });
  second.resolve();
});

test('logs once that another replica has taken over a lease, and leaves it to that replica', async () => {
  const { shared, logged, leases } = replica();
  const theirs = { by: 'another', untilMs: Number.MAX_SAFE_INTEGER };
  {
    await using _held = await leases.hold('act', HELD);
    Object.assign(shared, { value: theirs, revision: shared.revision + 1 });
    await vi.advanceTimersByTimeAsync(2 * RENEWED_EVERY_MS);
    expect(logged).toMatchObject([{ event: 'claim-taken-over', run: HELD.run, file: 'act.yml' }]);
  }
  expect(shared.value).toBe(theirs);
});

test('recognizes its own write when the answer to it was lost', async () => {
  const { shared, logged, leases } = replica();
  shared.forgetsToAnswer = true;
  {
    await using held = await leases.hold('act', HELD);
    expect(held).toBeDefined();
    await vi.advanceTimersByTimeAsync(2 * RENEWED_EVERY_MS);
  }
  expect(logged).toEqual([]);
  expect(shared.value).toBeUndefined();
});
