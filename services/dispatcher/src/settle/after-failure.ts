/** After a call or task that brought nothing: frees the claim with the reason, and has the item retried or fails it. */
import type { Reason } from '@setlist/contracts';
import type { Operation } from '@setlist/polly';
import { backoffDelayMs } from '@setlist/runtime';
import { CUT_OFF_AUDIO } from '@setlist/sounds';
import { CallFailed, internalError, isUnexpected } from '../adapters/failures.ts';
import { classify, type Failure, isInVain, refusesTasks, type Verdict } from '../domain/classify.ts';
import type { ClaimLease } from '../ledger/claim-lease.ts';
import type { Freed, HeldClaim } from '../ledger/held-claim.ts';
import type { SettleDeps } from './deps.ts';
import { canUseTask, type Item, LATE_LOOKS_MS, needsTask } from './item.ts';
import { stopped } from './may-call.ts';
import { fail } from './outcome.ts';
import { AGAIN_NOW, type Paid, type Turn } from './turn.ts';

const CALL_BACKOFF = { baseMs: 250, capMs: 20_000 };

/** `classify` decides on expected failures; our own bugs free the claim too, and are rethrown, as a stop is. */
export async function afterError(
  deps: SettleDeps,
  turn: Turn,
  { lease, error }: { lease: ClaimLease; error: unknown },
): Promise<Paid> {
  const isStop = deps.draining.aborted && !(error instanceof CallFailed) && !isUnexpected(error);
  if (isStop) await stopped(deps, turn, lease);
  const claim = await lease.end();
  if (error instanceof CallFailed) return afterFailure(deps, turn, { claim, failure: error.failure });
  if (isUnexpected(error))
    await deps.ledger.freed(claim, internalError(error), { billed: true, lost: claim.task });
  throw error;
}

/** Frees the claim with its reason; the item is retried later, or given up. */
async function afterFailure(
  deps: SettleDeps,
  { item, gate, operation }: Pick<Turn, 'item' | 'gate' | 'operation'>,
  { claim, failure }: { claim: HeldClaim; failure: Failure },
): Promise<Paid> {
  if (isInVain(failure)) item.inVain++;
  const verdict = classify(failure, item.inVain);
  await deps.ledger.freed(claim, verdict.reason, leftOf(item, claim, failure));
  if (verdict.kind === 'fail') {
    const left = operationLeft(deps, { item, operation }, failure);
    if (left === undefined) return giveUp(deps, item, verdict.reason);
    item.only = left;
    item.lastReason = verdict.reason;
    // Without the message: a provider's may quote the phrase.
    const { code, remedy } = verdict.reason;
    const said = { ...item.is, code, remedy };
    if (!refusesTasks(failure)) {
      const what =
        left === 'task' ? 'a call was cut off; the item uses a task' : 'a task failed; the item uses a call';
      deps.logger.debug(said, `${what} instead`);
      return AGAIN_NOW;
    }
    deps.logger.warn(said, 'a task was refused; the item uses a call instead');
    return { kind: 'again', inMs: 0, tasksRefused: true };
  }
  if (verdict.throttled && failure.isLookUp !== true) await gate.throttled();
  return failure.isLookUp ? lookLater(deps, item, verdict) : tryLater(deps, item, verdict);
}

/**
 * The operation that is left after one has failed for good. An item that was meant for a call gets one where its task
 * failed: the call's own verdict counts. Where a call was cut off, a task can make the sound whole.
 */
function operationLeft(
  deps: SettleDeps,
  { item, operation }: Pick<Turn, 'item' | 'operation'>,
  failure: Failure,
): Operation | undefined {
  // A call needs the same lexicons, and while a task can't be looked for, or looked at, it might pay for it again.
  if (item.only !== undefined || failure.isLookUp) return undefined;
  if (operation === 'task') return needsTask(item) ? undefined : 'synthesize';
  return failure.code === CUT_OFF_AUDIO && canUseTask(deps, item) ? 'task' : undefined;
}

/** Codes of failures to connect: nothing was sent. */
const NEVER_CONNECTED =
  /^(not-connected|ERR_PROXY_TUNNEL|ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/;

/** Whether the provider may have billed a call that brought no usable audio. */
function mayBeBilled({ from, code, billed }: Failure): boolean {
  return billed ?? (from === 'network' && !NEVER_CONNECTED.test(code));
}

/** What the claim leaves behind: its task may still be found, unless it was never accepted or its audio is unusable. */
function leftOf({ request }: Item, claim: HeldClaim, failure: Failure): Freed {
  const { right, task, operation } = claim;
  const billed = mayBeBilled(failure);
  const isUseless = failure.from === 'audio' && operation === 'task';
  const { billedCharacters } = failure;
  const { sound, lane } = request;
  const inVain = billedCharacters !== undefined && {
    inVain: { for: claim.for, provider: sound.provider, lane, billedCharacters },
  };
  return { billed, lost: isUseless ? undefined : billed ? task : right.lost, ...inVain };
}

async function giveUp(deps: SettleDeps, item: Item, reason: Reason): Promise<Paid> {
  await fail(deps, item, reason);
  return { kind: 'settled' };
}

/** A look-up that fails after the deadline, which a throttle is enough for, is tried again for a while. */
function lookLater(deps: SettleDeps, item: Item, verdict: Verdict & { kind: 'retry' }): Promise<Paid> | Paid {
  const { lateSince } = item;
  const leftMs = lateSince === undefined ? 0 : lateSince + LATE_LOOKS_MS - performance.now();
  if (leftMs <= 0) return tryLater(deps, item, verdict);
  item.hadLateTurn = false;
  item.lastReason = verdict.reason;
  return { kind: 'again', inMs: Math.min(backoffDelayMs(item.tries, CALL_BACKOFF), leftMs) };
}

/** A throttled call is not a failure: neither the try nor its time counts. */
function tryLater(deps: SettleDeps, item: Item, verdict: Verdict & { kind: 'retry' }): Promise<Paid> | Paid {
  const { deadline = Number.POSITIVE_INFINITY } = item.terms;
  item.lastReason = verdict.reason;
  if (verdict.throttled) item.tries--;
  else item.triedForMs += performance.now() - item.triedAt;
  if (item.terms.deadline === undefined && item.triedForMs > deps.limits.retryForMs) {
    const { code, message } = verdict.reason;
    const remedy = 'Fix the cause that the message names, then submit the set again: paid audio is reused.';
    return giveUp(deps, item, { code, message: `${message} (tried ${item.tries} times)`, remedy });
  }
  deps.logger.debug({ ...item.is, code: verdict.reason.code, tries: item.tries }, 'item will be retried');
  const inMs = backoffDelayMs(verdict.throttled ? 1 : Math.max(1, item.tries), CALL_BACKOFF);
  if (!verdict.throttled) item.triedForMs += inMs;
  // An item that is looked at again at its deadline fails with `deadline` and its last reason.
  return { kind: 'again', inMs: Math.max(0, Math.min(inMs, deadline - deps.log.clock.now())) };
}
