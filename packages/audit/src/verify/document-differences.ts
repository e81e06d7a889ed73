/** In what a stored projection differs from what the log makes, said in words; nothing where it doesn't. */
import { ITEMS_PER_PAGE, type ItemRow, type ItemsPage, type SetSummary } from '@setlist/contracts';
import type { ShadowSet } from '../fold/shadow-set.ts';

/** Every row that the log makes, in its order and once, and no other. */
export function rowsDiffer({ rows }: ShadowSet, page: number, stored: unknown): string | undefined {
  if (!Array.isArray(stored)) return 'it has no rows';
  const end = Math.min(rows.length, (page + 1) * ITEMS_PER_PAGE);
  let at = 0;
  for (let index = page * ITEMS_PER_PAGE; index < end; index++) {
    if (rows.row(index) === undefined) continue;
    const row = stored[at++] as ItemRow | null | undefined;
    if (row?.index !== index || !rows.isSame(row)) return `its item ${index} differs from what the log makes`;
  }
  return at === stored.length ? undefined : `it has ${stored.length} rows, and the log makes ${at}`;
}

/** Beside its rows, the fields of a page and their order. */
export function fieldsDiffer(
  stored: ItemsPage,
  { setId, page, lastSeq }: Omit<ItemsPage, 'items'>,
): string | undefined {
  const made = { setId, page, items: NO_ROWS, lastSeq };
  if (JSON.stringify({ ...stored, items: NO_ROWS }) === JSON.stringify(made)) return undefined;
  return 'its fields, beside its rows, differ from what the log makes';
}
const NO_ROWS: readonly ItemRow[] = [];

/** Field by field, and then by their order. */
export function summaryDiffers(stored: SetSummary, folded: SetSummary): string | undefined {
  if (JSON.stringify(stored) === JSON.stringify(folded)) return undefined;
  const names = new Set([...Object.keys(stored), ...Object.keys(folded)]);
  const text = (of: SetSummary, name: string): string => JSON.stringify(of[name as keyof SetSummary]);
  const fields = [...names].filter((name) => text(stored, name) !== text(folded, name));
  return `its ${fields.join(', ') || 'fields, by their order,'} differ from what the log makes`;
}
