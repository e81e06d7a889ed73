/** The fold over projections of which a document was deleted. */
import { type ItemsPage, itemsPageKey, setKey } from '@setlist/contracts';
import type { Documents, EventLog } from '@setlist/eventlog';
import { createLogger } from '@setlist/runtime';
import { evolve, type FoldState, Projections, ProjectionsLost } from '@setlist/sets';
import { eventsOf, recorded } from '@setlist/testkit';
import { expect, test } from 'vitest';
import { foldLog } from './fold-log.ts';

const set = eventsOf();
const told = recorded([set.accepted(), set.requested(0), set.requested(1), set.completed(1)]);
const afterRecords = (count: number): FoldState => told.slice(0, count).reduce<FoldState>(evolve, {});
const { summary, page } = afterRecords(3);
const next = told[3] as (typeof told)[number];

/** Folds the next event while the bucket has the set's summary and this page. */
async function foldNext(stored: ItemsPage | undefined): Promise<ItemsPage | undefined> {
  const getAtLeader = async (key: string) => {
    const value = key === itemsPageKey(set.id, 0) ? stored : key === setKey(set.id) ? summary : undefined;
    return value && { key, value, revision: value.lastSeq };
  };
  const log = {
    clock: { now: () => next.time.getTime() },
    async *follow() {
      yield { ...next, pending: 0 };
    },
    async *read() {
      yield* told;
    },
  };
  const projections = new Projections({ getAtLeader } as unknown as Documents, 10);
  const options = {
    log: log as unknown as EventLog,
    projections,
    logger: createLogger({ service: 'tracker', level: 'silent' }),
    stallAfterMs: 60_000,
    appendFinding: async () => undefined,
  };
  await foldLog(options, AbortSignal.timeout(10_000));
  return projections.inMemory(set.id, 0)?.page;
}

test('a page that has all rows is folded on', async () => {
  const rows = await foldNext(page);
  expect(rows?.items.map(({ index, state }) => [index, state])).toEqual([
    [0, 'requested'],
    [1, 'completed'],
  ]);
});

test.each([
  ['is missing', undefined],
  ['lacks its last row', afterRecords(2).page],
])('a page that %s counts as deleted', async (_, stored) => {
  await expect(foldNext(stored)).rejects.toThrow(ProjectionsLost);
});
