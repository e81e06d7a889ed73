/** Before folding goes on: what the bucket should hold by what the log says, and whether it does. */
import {
  ITEMS_PER_PAGE,
  itemsPageKey,
  POSITION_KEY,
  setKey,
  setOfSubject,
  subjects,
} from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { endsSet } from '../domain/life.ts';
import { inParallel } from '../in-parallel.ts';

export interface Stock {
  /** Sets that have begun and, by the last event of their life, have not ended. */
  readonly openSets: readonly string[];
  /** A projection that should be there and isn't. */
  readonly missing: string | undefined;
}

/** Compares the bucket's keys with the last event of every set's life, up to the position. */
export async function takeStock(log: EventLog, position: number): Promise<Stock> {
  const keys = new Set(await log.sets.keys('>'));
  const openSets: string[] = [];
  let missing = position === 0 && keys.size > 0 ? POSITION_KEY : undefined;
  const lives = log.read({ subjects: [subjects.state('*')], from: 'last-of-each-subject' });
  for await (const record of lives) {
    if (!endsSet(record.event)) openSets.push(setOfSubject(record.subject));
    if (record.seq <= position) missing ??= keysOf(record).find((key) => !keys.has(key));
  }
  return { openSets, missing };
}

/** Deletes every projection, the position last, so that a crash in between is noticed at the next start. */
export async function deleteProjections(log: EventLog): Promise<void> {
  const keys = await log.sets.keys('>');
  const documents = keys.filter((key) => key !== POSITION_KEY);
  await inParallel(documents, (key) => log.sets.delete(key));
  await log.sets.delete(POSITION_KEY);
}

/** The documents that a set has for certain: a completed one has all of its pages. */
function keysOf({ subject, event }: Recorded): string[] {
  const setId = setOfSubject(subject);
  const items = event?.name === 'SetCompleted' ? event.data.counts.total : 0;
  const pages = Array.from({ length: Math.ceil(items / ITEMS_PER_PAGE) }, (_, page) =>
    itemsPageKey(setId, page),
  );
  return [setKey(setId), ...pages];
}
