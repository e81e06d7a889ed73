/** Set states, as in `packages/contracts`, whose schemas are too large for the page to include. */
import type { SetSummary } from '../api/types.ts';

/** Whether the set can be steered. */
export function isOpen({ state }: Pick<SetSummary, 'state'>): boolean {
  switch (state) {
    case 'running':
    case 'paused':
      return true;
    case 'completed':
    case 'cancelled':
    case 'rejected':
      return false;
    default:
      return state satisfies never;
  }
}

/** Whether there is a manifest beside the set's audio; during a retry, it is the previous round's. */
export const hasManifest = (set: Pick<SetSummary, 'state' | 'round'>): boolean =>
  set.state !== 'rejected' && (!isOpen(set) || set.round > 1);
