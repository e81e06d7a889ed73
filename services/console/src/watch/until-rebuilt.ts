/**
 * Notices that summaries were made of events that the log has lost since, as in a power cut of the broker: the tracker
 * then rebuilds them from the rest of the log.
 */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { sleepAtMost } from '@setlist/runtime';
import { expectOfThisLog, Projections, ProjectionsLost } from '@setlist/sets';

const LOOK_EVERY_MS = 250;

/** False while the bucket has summaries of events that the log has lost. */
export const areOfThisLog = async (log: EventLog): Promise<boolean> => (await foldedUpTo(log)) !== undefined;

/** The place in the log up to which it has been folded; `undefined` if that was in what the log has lost. */
async function foldedUpTo(log: EventLog): Promise<number | undefined> {
  try {
    const position = await new Projections(log.sets, 0).readPosition();
    // Without one, the tracker has deleted all that was there.
    if (position) await expectOfThisLog(log, position);
    return position?.lastSeq ?? 0;
  } catch (error) {
    if (error instanceof ProjectionsLost) return undefined;
    throw error;
  }
}

/**
 * Waits until the log has lost its end, and the summaries have been rebuilt from what is left.
 * @param isLost whether it has lost it already
 * @returns false if aborted before, or if the connection is closed
 */
export async function untilRebuilt(log: EventLog, isLost: boolean, signal: AbortSignal): Promise<boolean> {
  try {
    if (!isLost && !(await log.untilEndLost(signal))) return false;
    // What is appended meanwhile is not waited for, since a busy log is never folded up to its very end; but the log can
    // lose its end again.
    let end = Number.POSITIVE_INFINITY;
    for (; !signal.aborted; await sleepAtMost(LOOK_EVERY_MS, signal)) {
      end = Math.min(end, (await log.lastAtLeader(subjects.ofAllSets()))?.seq ?? 0);
      const folded = await foldedUpTo(log);
      if (folded !== undefined && folded >= end) return !signal.aborted;
    }
  } catch (error) {
    // A broker that is still starting answers nothing until then.
    if (!signal.aborted) throw error;
  }
  return false;
}
