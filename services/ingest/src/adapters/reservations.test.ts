/** What replicas reserve of a month's money, and for how long reservations count. */
import type { Position } from '@setlist/admission';
import type { Documents } from '@setlist/eventlog';
import { expect, test } from 'vitest';
import { type ReserveDeps, release, reserve } from './reservations.ts';

const TEN_MINUTES_MS = 600_000;

/** One shared document, a log that shows no set but those named, and the broker's clock. */
function month(knownIds: readonly string[] = []) {
  const shared = { value: undefined as unknown, revision: 0, now: 1_000 };
  const coordination: Pick<Documents, 'get' | 'replace'> = {
    get: async <T>(key: string) =>
      shared.revision === 0
        ? undefined
        : { key, value: shared.value as T, revision: shared.revision, storedAt: new Date(0) },
    replace: async (_, value, revision) => {
      if (revision !== shared.revision) return undefined;
      shared.value = value;
      return ++shared.revision;
    },
  };
  const log = { coordination, clock: { now: () => shared.now } } as unknown as ReserveDeps['log'];
  const position: Position = { spent: {}, open: new Map(), knows: (setId) => knownIds.includes(setId) };
  /** Reserves for a set. @returns the characters that other sets, open or reserved, may still cost */
  const asks = async (setId: string): Promise<object> => {
    let found: object = {};
    await reserve({ log, position: async () => position }, { setId, characters: { neural: 10 } }, (seen) => {
      found = seen.open;
      return undefined;
    });
    return found;
  };
  return { shared, log, asks };
}

test('a reservation counts for ten minutes while the log does not show its set', async () => {
  const { shared, asks } = month();
  await asks('one');
  shared.now += TEN_MINUTES_MS - 1;
  expect(await asks('two')).toEqual({ neural: 10 });
  shared.now += 1;
  expect(await asks('three')).toEqual({ neural: 10 });
  shared.now += TEN_MINUTES_MS;
  expect(await asks('four')).toEqual({});
});

test('a set is not counted against itself, nor twice if the log shows it', async () => {
  const { asks } = month(['in-the-log']);
  await asks('in-the-log');
  await asks('one');
  expect(await asks('one')).toEqual({});
  expect(await asks('two')).toEqual({ neural: 10 });
});

test('a reservation that is given back no longer counts, and others still do', async () => {
  const { log, asks } = month();
  await asks('one');
  await asks('two');
  await release(log, 'one');
  expect(await asks('three')).toEqual({ neural: 10 });
});
