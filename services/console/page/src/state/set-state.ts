/** How a set stands: as `packages/contracts` has it, whose schemas are not for a page to carry. */
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

/** Whether a manifest lies beside the set's audio: while it is tried again, that of the round before. */
export const hasManifest = (set: Pick<SetSummary, 'state' | 'round'>): boolean =>
  set.state !== 'rejected' && (!isOpen(set) || set.round > 1);
