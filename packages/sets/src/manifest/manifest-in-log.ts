/** Makes a set's manifest by reading its events in the log twice, without keeping them in memory. */
import { type ManifestHeader, type ManifestItem, subjects } from '@setlist/contracts';
import type { EventLog, Recorded } from '@setlist/eventlog';
import { ItemsInOrder, ManifestDraft } from './manifest-draft.ts';

type Log = Pick<EventLog, 'read' | 'first'>;

export interface LoggedManifest {
  readonly header: ManifestHeader;
  /** All items in the order of the set file; can be called again. */
  items(): AsyncGenerator<ManifestItem>;
}

/**
 * The manifest as of a sequence in the log, by default its end; `undefined` where the set had not ended there. Given a
 * manifest's {@link ManifestHeader.generatedFromSeq}, it makes the same manifest again at any later time.
 * @param signal ends the reading, which then throws the signal's reason
 */
export async function manifestInLog(
  log: Log,
  setId: string,
  { upToSeq = Number.POSITIVE_INFINITY, signal }: { upToSeq?: number; signal?: AbortSignal } = {},
): Promise<LoggedManifest | undefined> {
  const first = await log.first(subjects.state(setId));
  if (first === undefined) return undefined;
  const from = first.seq;
  const draft = new ManifestDraft();
  for await (const record of log.read({ subjects: [subjects.ofSet(setId)], from })) {
    signal?.throwIfAborted();
    if (record.seq > upToSeq) break;
    draft.note(record);
  }
  const header = draft.header();
  if (header === undefined) return undefined;
  const requests = (): AsyncGenerator<Recorded> =>
    log.read({ subjects: [subjects.requested(setId, '*')], from });
  return {
    header,
    async *items() {
      const inOrder = new ItemsInOrder(draft);
      for await (const record of requests()) {
        signal?.throwIfAborted();
        if (record.seq > header.generatedFromSeq) break;
        yield* inOrder.take(record);
      }
      yield* inOrder.rest();
    },
  };
}
