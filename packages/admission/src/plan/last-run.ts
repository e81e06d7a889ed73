/** Finds a set's last run in the log, to compare a file with what that run wrote. */
import { type Provider, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { SetTerms } from '@setlist/set-file';

/** The newest accepted run of a set of this name and prefix. */
export interface LastRun {
  readonly setId: string;
  /** The broker's clock, ISO 8601. */
  readonly acceptedAt: string;
  readonly provider: Provider;
  /** The completed items by file, without the prefix: an item that failed or was never made has written none. */
  readonly items: ReadonlyMap<string, LastItem>;
}

interface LastItem {
  /** Counted from 0. */
  readonly index: number;
  /** Hash of the sound that it wrote. */
  readonly hash: string;
}

export async function lastRunOf(
  log: Pick<EventLog, 'read'>,
  { name, prefix }: Pick<SetTerms, 'name' | 'prefix'>,
  signal?: AbortSignal,
): Promise<LastRun | undefined> {
  let found: Omit<LastRun, 'items'> | undefined;
  for await (const { event, time } of log.read({ subjects: [subjects.state('*')] })) {
    signal?.throwIfAborted();
    if (event?.name !== 'SetAccepted' || event.setId === undefined) continue;
    if (event.data.set.name !== name || event.data.prefix !== prefix) continue;
    const { provider } = event.data;
    found = { setId: event.setId, acceptedAt: time.toISOString(), provider };
  }
  if (found === undefined) return undefined;
  const items = new Map<string, LastItem>();
  for await (const { event } of log.read({ subjects: [subjects.outcome(found.setId, '*', '*', '*')] })) {
    signal?.throwIfAborted();
    if (event?.name !== 'ItemCompleted') continue;
    const { index, file, hash } = event.data;
    items.set(file.slice(prefix.length + 1), { index, hash });
  }
  return { ...found, items };
}
