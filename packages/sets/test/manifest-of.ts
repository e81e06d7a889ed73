/** A whole manifest in memory, for tests only. */
import type { Manifest } from '@setlist/contracts';
import type { LogRecord } from '../src/fold/log-record.ts';
import { ItemsInOrder, ManifestDraft } from '../src/manifest/manifest-draft.ts';

/** `undefined` while the set has not ended. */
export function manifestOf(records: readonly LogRecord[]): Manifest | undefined {
  const draft = new ManifestDraft();
  for (const record of records) draft.note(record);
  const header = draft.header();
  if (header === undefined) return undefined;
  const inOrder = new ItemsInOrder(draft);
  const items = records
    .filter(({ seq }) => seq <= header.generatedFromSeq)
    .flatMap((record) => [...inOrder.take(record)]);
  return { ...header, items: [...items, ...inOrder.rest()] };
}
