/** Which payment may be one of several for the same sound: every second one is said to be, and none is said twice. */
import type { Operation } from '@setlist/polly';
import type { Again, ClaimRight, PaidSound } from '@setlist/sounds';

/** A payment that is about to be noted. */
export interface Payment {
  readonly how: PaidSound['how'];
  readonly right: ClaimRight;
  /** What the item was meant for. */
  readonly operation: Operation;
  /** Whether an earlier payment for the sound stands, or a call was billed for it in vain. */
  readonly isSecond: boolean;
}

/** Why a call by this right may be one more to be billed; nothing where no earlier one was. */
export const againOf = ({ because }: ClaimRight): Again | undefined =>
  because === 'new' || because === 'freed' ? undefined : because;

/** Said of a payment beside an earlier one, or for a call that may have been the second to be billed. */
export function repaymentOf({ how, right, operation, isSecond }: Payment): Pick<PaidSound, 'repaid'> {
  const { lost } = right;
  const because = againOf(right);
  if (because === undefined) return {};
  const repaid = { repaid: { because } };
  if (isSecond) return repaid;
  if (how === 'recovered') return areOthers(right, operation) ? repaid : {};
  // A start that an earlier claim may have made was looked for in vain: it had never been accepted, unless its id is known.
  const wasInDoubt =
    lost?.taskId === undefined && (because === 'expired' || (because === 'cut' && lost !== undefined));
  if (how === 'task' && wasInDoubt && hadOnlyTasks(right, operation)) return {};
  return repaid;
}

/**
 * What is found was paid for by the claim before. Of several that ran out, others may have been billed as well, unless all
 * of them were about this one task.
 */
const areOthers = ({ because, expired, lost, isUncounted }: ClaimRight, operation: Operation): boolean =>
  because === 'expired' &&
  (expired > 1 || isUncounted === true) &&
  !(operation === 'task' && lost?.taskId !== undefined);

/** Where only a task will do, no call can have been billed; nor can it by the one claim that was a task's. */
const hadOnlyTasks = ({ because, expired, lost }: ClaimRight, operation: Operation): boolean =>
  operation === 'task' || (because === 'expired' && expired === 1 && lost !== undefined);

/**
 * Audio that was found cost nothing again, whoever says so first, and a task that two watched was billed once. What one
 * dispatcher says of one claim of its own is a repeat: the answer to the first time was lost.
 */
export const isSamePayment = (stands: PaidSound, ours: PaidSound): boolean =>
  (stands.by === ours.by && stands.claim === ours.claim) ||
  ours.how === 'recovered' ||
  (stands.how === 'recovered' && stands.sha256 === ours.sha256) ||
  (ours.taskId !== undefined && ours.taskId === stands.taskId);

/** A payment whose claim was taken over, as it is to be noted after what the others have said by then. */
export const overtaken = (
  paid: PaidSound,
  { stands, lastClaim }: { readonly stands: boolean; readonly lastClaim: number },
): PaidSound => ({
  ...paid,
  ...(stands ? { repaid: { because: 'expired' } } : {}),
  ...(lastClaim > paid.claim ? { lastClaim } : {}),
});
