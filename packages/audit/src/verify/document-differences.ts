/** How a stored projection differs from what the log gives, in words; `undefined` where it doesn't. */
import { ITEMS_PER_PAGE, type ItemRow, type ItemsPage, type SetSummary } from '@setlist/contracts';
import type { ShadowSet } from '../fold/shadow-set.ts';

/** A page has to hold exactly the rows that the log gives, each once and in order. */
export function rowsDiffer({ rows }: ShadowSet, page: number, stored: unknown): string | undefined {
  if (!Array.isArray(stored)) return 'it has no rows';
  const end = Math.min(rows.length, (page + 1) * ITEMS_PER_PAGE);
  let at = 0;
  for (let index = page * ITEMS_PER_PAGE; index < end; index++) {
    if (rows.row(index) === undefined) continue;
    const row = stored[at++] as ItemRow | null | undefined;
    if (row?.index !== index || !rows.isSame(row))
      return `its item ${index} doesn't match what the log gives`;
  }
  return at === stored.length ? undefined : `it has ${stored.length} rows; the log gives ${at}`;
}

/** Compares a page's fields other than its rows, and the order of the fields. */
export function fieldsDiffer(
  stored: ItemsPage,
  { setId, page, lastSeq }: Omit<ItemsPage, 'items'>,
): string | undefined {
  const made = { setId, page, items: NO_ROWS, lastSeq };
  if (JSON.stringify({ ...stored, items: NO_ROWS }) === JSON.stringify(made)) return undefined;
  return "its fields other than the rows don't match what the log gives";
}
const NO_ROWS: readonly ItemRow[] = [];

/** Names the fields that differ; where none does, it is their order. */
export function summaryDiffers(stored: SetSummary, folded: SetSummary): string | undefined {
  if (JSON.stringify(stored) === JSON.stringify(folded)) return undefined;
  const names = new Set([...Object.keys(stored), ...Object.keys(folded)]);
  const text = (of: SetSummary, name: string): string => JSON.stringify(of[name as keyof SetSummary]);
  const fields = [...names].filter((name) => text(stored, name) !== text(folded, name));
  return `its ${fields.join(', ') || 'fields, only in their order,'} differ from what the log gives`;
}
