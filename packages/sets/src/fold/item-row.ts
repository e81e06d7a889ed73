/**
 * One item's row, and its place in a page. A row follows from a single event, the most advanced one:
 *
 *                ItemRequested(n)               ItemCompleted(n)  ┌▶ completed(n)
 *      nothing ────────────────────▶ requested(n) ────────────────┤
 *                                               ItemFailed(n)     └▶ failed(n)
 *      any(n) ── an event of an attempt m > n ──▶ the same, with m
 *
 * Anything else is a repeat, or is about an attempt that a newer one has replaced, and changes nothing. An outcome
 * that comes before its request is kept, and the request then changes nothing.
 */
import {
  type EventOf,
  ITEMS_PER_PAGE,
  type ItemRow,
  type ItemsPage,
  type SetlistEvent,
} from '@setlist/contracts';
import { rowWithinBounds } from './row-bounds.ts';

export type ItemEvent = EventOf<'ItemRequested'> | EventOf<'ItemCompleted'> | EventOf<'ItemFailed'>;

/** The event if it is an item's; otherwise `undefined`. */
export function itemEventOf(event: SetlistEvent | undefined): ItemEvent | undefined {
  switch (event?.name) {
    case 'ItemRequested':
    case 'ItemCompleted':
    case 'ItemFailed':
      return event;
    default:
      return undefined;
  }
}

/** Number of the page that has an item's row. */
export const pageOf = (index: number): number => Math.floor(index / ITEMS_PER_PAGE);

/** The item's row, if the page has one. */
export function rowOf(page: ItemsPage | undefined, index: number): ItemRow | undefined {
  const items = page?.items ?? [];
  const row = items[placeOf(items, index)];
  return row?.index === index ? row : undefined;
}

/** The row after the event; the same object where the event says nothing new. */
export function evolveRow(row: ItemRow | undefined, event: ItemEvent): ItemRow {
  return row !== undefined && !saysMore(row, event) ? row : rowWithinBounds(rowAfter(event));
}

/** The page with the row inserted or replaced, in the order of the items. */
export function withRow(page: ItemsPage, row: ItemRow, seq: number): ItemsPage {
  const place = placeOf(page.items, row.index);
  const replaced = page.items[place]?.index === row.index ? 1 : 0;
  return { ...page, items: page.items.toSpliced(place, replaced, row), lastSeq: seq };
}

function saysMore(row: ItemRow, { name, data }: ItemEvent): boolean {
  if (data.attempt !== row.attempt) return data.attempt > row.attempt;
  return row.state === 'requested' && name !== 'ItemRequested';
}

function rowAfter({ name, data }: ItemEvent): ItemRow {
  const { index, attempt, lane, file, hash } = data;
  const item = { index, attempt, lane, file, hash };
  switch (name) {
    case 'ItemRequested':
      return { ...item, state: 'requested' };
    case 'ItemCompleted': {
      const { how, bytes, sha256, durationMs, billedCharacters } = data;
      return { ...item, state: 'completed', how, bytes, sha256, durationMs, billedCharacters };
    }
    case 'ItemFailed': {
      const { code, message, remedy, tries, billedCharacters } = data;
      const billed = billedCharacters === undefined ? {} : { billedCharacters };
      return { ...item, state: 'failed', code, message, remedy, tries, ...billed };
    }
  }
}

/** Position of the item among the rows, or where it belongs; in a page without gaps it is found at once. */
function placeOf(items: readonly ItemRow[], index: number): number {
  const expected = index % ITEMS_PER_PAGE;
  if (items[expected]?.index === index) return expected;
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.index ?? index) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}
