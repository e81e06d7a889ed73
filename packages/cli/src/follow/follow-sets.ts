/** Follows sets to their ends by watching their projections on the broker. */
import { hasEnded, type SetSummary, setKey } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { sleepAtMost } from '@setlist/runtime';

/** How often to read the projection directly, since a watch can die silently when the broker is killed. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Calls `onChange` for every change of the sets until each has ended.
 * @returns the final summaries
 * @throws the signal's reason if it aborts first
 */
export async function followSets(
  log: Pick<EventLog, 'sets'>,
  setIds: readonly string[],
  onChange: (summary: SetSummary) => void,
  signal: AbortSignal,
): Promise<SetSummary[]> {
  return Promise.all(setIds.map((setId) => followSet(log, setId, onChange, signal)));
}

async function followSet(
  log: Pick<EventLog, 'sets'>,
  setId: string,
  onChange: (summary: SetSummary) => void,
  outer: AbortSignal,
): Promise<SetSummary> {
  const found = new AbortController();
  const signal = AbortSignal.any([outer, found.signal]);
  let revision = 0;
  let ended: SetSummary | undefined;
  const see = (entry: { value: SetSummary; revision: number } | undefined): void => {
    if (entry === undefined || entry.revision <= revision) return;
    revision = entry.revision;
    onChange(entry.value);
    if (!hasEnded(entry.value)) return;
    ended = entry.value;
    found.abort();
  };
  const lookAgain = async (): Promise<void> => {
    while (!signal.aborted) {
      await sleepAtMost(LOOK_AGAIN_MS, signal);
      if (!signal.aborted) see(await log.sets.get<SetSummary>(setKey(setId)));
    }
  };
  const watch = async (): Promise<void> => {
    for await (const entry of log.sets.watch<SetSummary>(setKey(setId), signal)) see(entry);
  };
  await Promise.all([watch(), lookAgain()]);
  outer.throwIfAborted();
  if (ended === undefined) throw new Error(`the watch on ${setId} ended before the set did`);
  return ended;
}
