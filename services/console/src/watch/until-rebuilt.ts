/**
 * Notices that summaries were made of events that the log has lost since, as in a power cut of the broker: the tracker
 * then rebuilds them from the rest of the log.
 */
import type { EventLog } from '@setlist/eventlog';
import { sleepAtMost } from '@setlist/runtime';
import { expectOfThisLog, Projections, ProjectionsLost } from '@setlist/sets';

const LOOK_EVERY_MS = 250;

/** False while the bucket has summaries of events that the log has lost. */
export async function areOfThisLog(log: EventLog): Promise<boolean> {
  try {
    const position = await new Projections(log.sets, 0).readPosition();
    // Without one, the tracker has deleted all that was there.
    if (position) await expectOfThisLog(log, position);
    return true;
  } catch (error) {
    if (error instanceof ProjectionsLost) return false;
    throw error;
  }
}

/**
 * Waits until the log has lost its end, and the summaries of what was lost are gone.
 * @param isLost whether it has lost it already
 * @returns false if aborted before, or if the connection is closed
 */
export async function untilRebuilt(log: EventLog, isLost: boolean, signal: AbortSignal): Promise<boolean> {
  if (!isLost && !(await log.untilEndLost(signal))) return false;
  while (!signal.aborted && !(await areOfThisLog(log))) await sleepAtMost(LOOK_EVERY_MS, signal);
  return !signal.aborted;
}
