/** Looks up in a set's pages which of its items have failed: they are much quicker to read than its outcomes. */
import type { EventLog } from '@setlist/eventlog';
import { Projections, pageOf, rowOf, untilFoldedTo } from '@setlist/sets';
import type { FailedAttempt } from './set-in-log.ts';

/** How long to wait for the projections, in ms: not for a fold that is far behind. */
const FOLDED_WITHIN_MS = 1_000;
/** Items are looked up nearly in order. */
const PAGES_IN_MEMORY = 8;

/**
 * Undefined if the projections don't reach `upToSeq` of the log within a second. Once their position does, all pages
 * include everything up to there: the position is written last.
 */
export async function attemptsInPages(
  log: EventLog,
  setId: string,
  { upToSeq, signal }: { upToSeq: number; signal: AbortSignal },
): Promise<FailedAttempt | undefined> {
  const projections = new Projections(log.sets, PAGES_IN_MEMORY);
  const look = () => projections.readPosition();
  const position = await untilFoldedTo(look, upToSeq, FOLDED_WITHIN_MS, signal);
  if ((position?.lastSeq ?? 0) < upToSeq) return undefined;
  return async (index) => {
    const number = pageOf(index);
    const { page } = projections.inMemory(setId, number) ?? (await projections.load(setId, number));
    if (projections.isUntidy) await projections.tidy();
    const row = rowOf(page, index);
    return row?.state === 'failed' ? row.attempt : undefined;
  };
}
