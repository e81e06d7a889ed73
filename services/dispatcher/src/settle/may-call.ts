/** The last look before a call whose moment had to be waited for: whether it is still to be made, and still by us. */
import type { Reason } from '@setlist/contracts';
import type { Tenure } from '../ledger/tenure.ts';
import type { SettleDeps } from './deps.ts';
import { isPastDeadline } from './item.ts';
import { AGAIN_NOW, type Paid, type Turn } from './turn.ts';

/** Waits for the moment of the call; false where it is not to be made any more, or no longer by us. */
export async function mayCall(deps: SettleDeps, turn: Turn, tenure: Tenure): Promise<boolean> {
  const { item, right, admission } = turn;
  const came = await item.step.run('wait for moment', () => admission.moment());
  // To wait for the quota is no trying.
  item.triedAt = performance.now();
  if (!came || !turn.isWanted() || isPastDeadline(deps, item)) return false;
  const isTakeover = right.because === 'expired' || right.lost !== undefined;
  tenure.isUsed = await tenure.holds(deps.limits.callTimeoutMs, isTakeover);
  return tenure.isUsed;
}

const NOT_CALLED: Reason = {
  code: 'not-called',
  message: 'the dispatcher was stopped, or the set paused or ended, before the moment of the call came',
  remedy: 'None is needed: the call is made when the set goes on.',
};

/**
 * Leaves what a stop has broken off to whoever is next, at once: a task that goes on, or what an earlier claim may have
 * left and is still to be looked for. Where there is neither, nothing was billed.
 */
export async function stopped(deps: SettleDeps, { right }: Turn, tenure: Tenure): Promise<void> {
  if (tenure.isUsed || right.because === 'expired') await tenure.handOver();
  else await notCalled(deps, tenure);
}

/** Nothing was billed, and whoever is next may claim at once. */
export async function notCalled(deps: SettleDeps, tenure: Tenure): Promise<Paid> {
  const claim = await tenure.end();
  await deps.ledger.freed(claim, NOT_CALLED, { billed: false, lost: claim.right.lost });
  return AGAIN_NOW;
}
