/** Reads sets and their items as the tracker has written them, which can be behind the log. */
import {
  ITEMS_PER_PAGE,
  type ItemRow,
  type ItemsPage,
  itemsPageKey,
  type SetSummary,
  setKey,
} from '@setlist/contracts';
import type { Documents } from '@setlist/eventlog';
import { sleep } from '@setlist/runtime';
import { pageOf } from '../fold/item-row.ts';

type Sets = Pick<Documents, 'get'>;

const LOOK_EVERY_MS = 25;

export const summaryOf = async (sets: Sets, setId: string): Promise<SetSummary | undefined> =>
  (await sets.get<SetSummary>(setKey(setId)))?.value;

/** The rows of one page, in the order of the items. */
export const rowsOfPage = async (sets: Sets, setId: string, page: number): Promise<readonly ItemRow[]> =>
  (await sets.get<ItemsPage>(itemsPageKey(setId, page)))?.value.items ?? [];

/** The set's rows from an index on, in the order of the items, with one page at a time in memory. */
export async function* rowsOf(sets: Sets, { setId, counts }: SetSummary, from = 0): AsyncGenerator<ItemRow> {
  for (let page = pageOf(from); page * ITEMS_PER_PAGE < counts.total; page++) {
    for (const row of await rowsOfPage(sets, setId, page)) if (row.index >= from) yield row;
  }
}

/**
 * Looks until what is found includes everything up to `seq` of the log, for at most `withinMs` or until aborted. A look
 * itself can wait longer, for a broker that is away.
 * @returns what was found last
 */
export async function untilFoldedTo<T extends { readonly lastSeq: number }>(
  look: () => Promise<T | undefined>,
  seq: number,
  withinMs: number,
  signal?: AbortSignal,
): Promise<T | undefined> {
  for (const until = performance.now() + withinMs; ; await sleep(LOOK_EVERY_MS)) {
    const found = await look();
    if ((found?.lastSeq ?? 0) >= seq || performance.now() >= until || signal?.aborted) return found;
  }
}
