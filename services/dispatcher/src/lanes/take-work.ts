/** Takes work from a lane's reader; trouble of the broker's ends the taking, after a pause. */
import { isReaderLost, type Lane, type LaneReader, type Recorded, type Work } from '@setlist/eventlog';
import { sleepAtMost } from '@setlist/runtime';
import type { SettleDeps } from '../settle/deps.ts';
import { failUnreadable } from '../settle/unreadable.ts';

const TAKE_WAIT_MS = 5_000;
const TAKE_AGAIN_MS = 250;

interface Wanted {
  readonly at: Lane;
  readonly max: number;
  readonly signal: AbortSignal;
}

/** Hands over at most so many items, as they come. */
export async function takeWork(
  deps: SettleDeps,
  reader: LaneReader,
  { at, max, signal }: Wanted,
  begin: (work: Work) => void,
): Promise<void> {
  try {
    const onUnreadable = (record: Recorded): Promise<void> => failUnreadable(deps, at, record);
    for await (const work of reader.take({ max, waitMs: TAKE_WAIT_MS, onUnreadable, signal })) begin(work);
  } catch (error) {
    if (signal.aborted) return;
    // The lane is gone once its set has ended: `OpenSets` stops its source, or creates the lane again.
    if (!isReaderLost(error))
      deps.logger.warn({ set: at.setId, lane: at.lane, err: error }, 'taking work failed');
    await sleepAtMost(TAKE_AGAIN_MS, signal);
  }
}
