/** Before folding goes on: what the bucket should hold by what the log says, and whether it does. */
import {
  endsSet,
  ITEMS_PER_PAGE,
  itemsPageKey,
  POSITION_KEY,
  setKey,
  setOfSubject,
  subjects,
} from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { inParallel } from '@setlist/runtime';
import { beginningOf } from './beginning-of.ts';

export interface Stock {
  /** Sets that have begun and, by the last event of their life, have not ended. */
  readonly openSets: readonly string[];
  /** A projection that should be there and isn't. */
  readonly missing: string | undefined;
}

const AT_ONCE = 32;

/** Compares the bucket's keys with how every set's life began and what it said last, up to the position. */
export async function takeStock(log: EventLog, position: number): Promise<Stock> {
  const keys = new Set(await log.sets.keys('>'));
  const openSets: string[] = [];
  const withoutSummary: string[] = [];
  let missing = position === 0 && keys.size > 0 ? POSITION_KEY : undefined;
  const lives = log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
  for await (const record of lives) {
    const setId = setOfSubject(record.subject);
    if (!endsSet(record.event)) openSets.push(setId);
    if (!keys.has(setKey(setId))) withoutSummary.push(setId);
    else if (record.seq <= position) missing ??= pagesOf(record).find((key) => !keys.has(key));
  }
  // What a set's life said last may lie behind the position while it began before it.
  if (position > 0) {
    await inParallel(withoutSummary, AT_ONCE, async (setId) => {
      const begunAt = await beginningOf(log, setId);
      if (begunAt !== undefined && begunAt <= position) missing ??= setKey(setId);
    });
  }
  return { openSets, missing };
}

/** Deletes every projection, the position first: documents without one are noticed at the next start, and made anew. */
export async function deleteProjections(log: EventLog): Promise<void> {
  const keys = await log.sets.keys('>');
  await log.sets.delete(POSITION_KEY);
  const documents = keys.filter((key) => key !== POSITION_KEY);
  await inParallel(documents, AT_ONCE, (key) => log.sets.delete(key));
}

/** The pages that a set has for certain: a completed one has all of them. */
function pagesOf({ subject, event }: Recorded): string[] {
  const items = event?.name === 'SetCompleted' ? event.data.counts.total : 0;
  return Array.from({ length: Math.ceil(items / ITEMS_PER_PAGE) }, (_, page) =>
    itemsPageKey(setOfSubject(subject), page),
  );
}
