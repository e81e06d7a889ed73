/** Claiming a sound for an item, and holding the claim while it is paid. */
import type { ClaimRight } from '@setlist/sounds';
import { ClaimLease } from '../ledger/claim-lease.ts';
import type { ClaimTerms, HeldClaim } from '../ledger/held-claim.ts';
import type { SettleDeps } from './deps.ts';
import { claimantOf, type Item } from './item.ts';

/** How much longer than a call's timeout a claim holds, so that it outlives the call. */
const CLAIM_MARGIN_MS = 5_000;

const claimHoldMs = (deps: SettleDeps): number => deps.limits.callTimeoutMs + CLAIM_MARGIN_MS;

export const claimLeaseOf = (deps: SettleDeps, claim: HeldClaim): ClaimLease =>
  new ClaimLease(deps.ledger, claim, {
    holdMs: claimHoldMs(deps),
    onFailed: (error) =>
      deps.logger.warn({ set: claim.for.set, hash: claim.hash, err: error }, 'could not renew a claim'),
  });

/** Claims the sound for the item. @returns undefined if another was quicker */
export function claimed(
  deps: SettleDeps,
  { item, right }: { readonly item: Item; readonly right: ClaimRight },
  by: Pick<ClaimTerms, 'operation' | 'keyPrefix'>,
): Promise<HeldClaim | undefined> {
  const { hash, lane } = item.request;
  const terms = { ...by, ...claimantOf(item), lane, holdMs: claimHoldMs(deps) };
  return item.step.run('claim sound', () => deps.ledger.claim(hash, right, terms));
}
