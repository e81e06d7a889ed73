/** Which items of a completed set failed, which the decision on a retry depends on. */
import { type Command, ITEMS_PER_PAGE, type SetSummary } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { rowsOfPage, summaryOf } from '@setlist/sets';
import type { Facts } from '../domain/decide-command.ts';
import { readFailedItems, requestsOf } from './set-in-log.ts';

const PAGES_AT_ONCE = 32;

/** The failed items, and those of them that can be requested again. */
export async function readFailures(
  log: EventLog,
  { setId, indexes }: Extract<Command, { verb: 'retry' }>,
  { stateSeq }: SetSummary,
): Promise<Pick<Facts, 'failed' | 'askable'>> {
  const known = indexes ? undefined : await failedInPages(log, setId, stateSeq);
  if (known) return { failed: known, askable: known };
  const failed = await readFailedItems(log, setId, { ...(indexes && { indexes }) });
  const askable = new Set<number>();
  if (failed.size === 0) return { failed: new Set(), askable };
  for await (const requests of requestsOf(log, setId, (index) => failed.get(index))) {
    for (const { data } of requests) askable.add(data.index);
    if (askable.size === failed.size) break;
  }
  return { failed: new Set(failed.keys()), askable };
}

/** The failed items by the set's pages, which are much quicker to read than its outcomes; undefined if incomplete. */
async function failedInPages(
  log: EventLog,
  setId: string,
  stateSeq: number,
): Promise<ReadonlySet<number> | undefined> {
  const summary = await summaryOf(log.sets, setId);
  if (summary?.stateSeq !== stateSeq) return undefined;
  // Of a large set, the rows themselves would take up hundreds of megabytes.
  const failed = new Set<number>();
  let areReadable = true;
  const pages = Math.ceil(summary.counts.total / ITEMS_PER_PAGE);
  await inParallel(Array.from({ length: pages }).keys(), PAGES_AT_ONCE, async (page) => {
    for (const { index, state, code } of await rowsOfPage(log.sets, setId, page)) {
      if (state !== 'failed') continue;
      failed.add(index);
      areReadable &&= code !== 'unreadable-request';
    }
  });
  return areReadable && failed.size === summary.counts.failed ? failed : undefined;
}
