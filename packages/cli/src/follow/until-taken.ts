/** Waits until sets that were handed over can be found: until then no command knows their ids. */
import type { SetSummary } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { settlesWithin, sleepAtMost } from '@setlist/runtime';
import { summaryOf } from '@setlist/sets';

const TAKEN_WITHIN_MS = 10_000;
/** Ingest looks at every item before it accepts the set. */
const MS_PER_ITEM = 2;
const LOOK_EVERY_MS = 100;
/** Few, since ingest takes its files in through the same broker. */
const LOOKED_AT_ONCE = 32;

export interface HandedOver {
  readonly setIds: readonly string[];
  /** How many items all the sets have. */
  readonly items: number;
  /** Whether the system still runs. */
  readonly goesOn: () => boolean;
}

/**
 * Waits until each set can be found, accepted or refused: after each that is found, at most ten seconds for the next, and
 * two milliseconds for each item.
 * @returns the sets that were found, by id; not all if time was up or the system has ended
 * @throws the signal's reason if it aborts first
 */
export async function untilTaken(
  log: Pick<EventLog, 'sets'>,
  { setIds, items, goesOn }: HandedOver,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, SetSummary>> {
  const patienceMs = TAKEN_WITHIN_MS + items * MS_PER_ITEM;
  let ends = performance.now() + patienceMs;
  const found = new Map<string, SetSummary>();
  const over = new AbortController();
  const look = async (setId: string): Promise<void> => {
    const summary = await summaryOf(log.sets, setId);
    if (summary === undefined) return;
    found.set(setId, summary);
    ends = performance.now() + patienceMs;
  };
  const left = [...setIds];
  const lookInTurn = async (): Promise<void> => {
    while (left.length > 0 && !over.signal.aborted) {
      const some = left.splice(0, LOOKED_AT_ONCE);
      await Promise.all(some.map(look));
      const unfound = some.filter((setId) => !found.has(setId));
      left.push(...unfound);
      if (unfound.length > 0) await sleepAtMost(LOOK_EVERY_MS, over.signal);
    }
  };
  // Looked at from outside, since a look itself waits however long the broker is away.
  const looking = lookInTurn();
  try {
    while (!(await settlesWithin(LOOK_EVERY_MS, looking)) && performance.now() < ends && goesOn())
      signal.throwIfAborted();
    return new Map(found);
  } finally {
    over.abort();
    looking.catch(() => undefined);
  }
}
