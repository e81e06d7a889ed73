/** The last check before a call, after waiting for its moment: whether it should still be made, and by us. */
import type { Reason } from '@setlist/contracts';
import type { ClaimLease } from '../ledger/claim-lease.ts';
import type { SettleDeps } from './deps.ts';
import { isPastDeadline, mayFind } from './item.ts';
import { AGAIN_NOW, type Paid, type Turn } from './turn.ts';

/** Waits for the moment of the call. @returns whether it should still be made, and by us */
export async function mayCall(deps: SettleDeps, turn: Turn, lease: ClaimLease): Promise<boolean> {
  const { item, right, admission } = turn;
  if (item.lateSince !== undefined) return false;
  const came = await item.step.run('wait for moment', () => admission.moment());
  // Waiting for the quota doesn't count as trying.
  item.triedAt = performance.now();
  if (!came || !turn.isWanted() || isPastDeadline(deps, item)) return false;
  lease.isUsed = await lease.holds(deps.limits.callTimeoutMs, mayFind(right));
  return lease.isUsed;
}

const NOT_CALLED: Reason = {
  code: 'not-called',
  message:
    'the dispatcher was stopped, the set was paused or ended, its deadline passed, or the task bucket could not be listed, before the call could be made',
  remedy: 'None is needed: the call is made once that is over, unless the deadline has passed.',
};

/**
 * Hands work that a stop interrupted to the next dispatcher at once: a running task, or what an earlier claim may have
 * left behind and still has to be looked for. If there is neither, nothing was billed.
 */
export async function stopped(deps: SettleDeps, { right }: Turn, lease: ClaimLease): Promise<void> {
  if (lease.isUsed || right.because === 'expired') await lease.handOver();
  else await notCalled(deps, lease);
}

/** Frees a claim under which nothing was billed, so that another can claim at once. */
export async function notCalled(deps: SettleDeps, lease: ClaimLease): Promise<Paid> {
  const claim = await lease.end();
  await deps.ledger.freed(claim, NOT_CALLED, { billed: false, lost: claim.right.lost });
  return AGAIN_NOW;
}
