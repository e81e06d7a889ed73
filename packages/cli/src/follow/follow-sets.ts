/** Follows sets to their ends by their projections, which the broker hands on as they change. */
import { hasEnded, type SetSummary, setKey } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { sleepAtMost } from '@setlist/runtime';

/** A watch that died in silence, with a broker that was killed, is noticed after so long. */
const LOOK_AGAIN_MS = 5_000;

/**
 * Tells every change of the sets until each has ended, and gives back how they ended.
 * @throws the signal's reason when aborted before
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
