/** Which payments may be repeats for the same sound: each repeat is marked, and no payment is noted twice. */
import type { EventData } from '@setlist/contracts';
import type { Operation } from '@setlist/polly';
import type { Again, ClaimRight, PaidSound } from '@setlist/sounds';

/** What a right tells about earlier calls and tasks. */
type Before = Pick<ClaimRight, 'because' | 'expired' | 'isUncounted'> & {
  readonly lost?: { readonly taskId?: string | undefined };
};

/** A payment that is about to be noted. */
export interface Payment {
  readonly how: PaidSound['how'];
  readonly right: Before;
  /** The operation that the item was meant for. */
  readonly operation: Operation;
  /** Whether an earlier payment for the sound stands, or a call for it was billed without usable audio. */
  readonly isSecond: boolean;
}

/** Why a call under this right may be billed again; undefined if no earlier one was. */
export const againOf = ({ because }: Before): Again | undefined =>
  because === 'new' || because === 'freed' ? undefined : because;

/** The mark of a payment next to an earlier one, or for a call that may have been the second to be billed. */
export function repaymentOf({ how, right, operation, isSecond }: Payment): Pick<PaidSound, 'repaid'> {
  const { lost } = right;
  const because = againOf(right);
  if (because === undefined) return {};
  const repaid = { repaid: { because } };
  if (isSecond) return repaid;
  if (how === 'recovered') return areOthers(right, operation) ? repaid : {};
  // The task that an earlier claim may have started was not found: it was never accepted, unless its id is known.
  const wasInDoubt =
    lost?.taskId === undefined && (because === 'expired' || (because === 'cut' && lost !== undefined));
  if (how === 'task' && wasInDoubt && hadOnlyTasks(right, operation)) return {};
  return repaid;
}

/**
 * Audio that is found was paid for under an earlier claim. If several expired, others may have been billed as well,
 * unless all were about this one task.
 */
const areOthers = ({ because, expired, lost, isUncounted }: Before, operation: Operation): boolean =>
  because === 'expired' &&
  (expired > 1 || isUncounted === true) &&
  !(operation === 'task' && lost?.taskId !== undefined);

/** No call can have been billed if only a task can do the item, or if the single earlier claim was for a task. */
const hadOnlyTasks = ({ because, expired, lost }: Before, operation: Operation): boolean =>
  operation === 'task' || (because === 'expired' && expired === 1 && lost !== undefined);

/** One dispatcher's claims in a row, and the right by which it made the first. */
export interface Attempt {
  /** Sequence of its first claim. */
  readonly seq: number;
  readonly operation: Operation;
  readonly right: Before;
  /** The tasks that it started or found. */
  readonly taskIds: ReadonlySet<string>;
}

interface Brought {
  readonly taskId: string | undefined;
  readonly right: Pick<ClaimRight, 'expectedSeq'>;
  readonly operation: Operation;
}

/**
 * Whether a call or task may have been billed before the one that brought this audio, which a takeover's right no longer
 * tells: any of the attempts up to the one that brought it would have said so in its own payment.
 */
export function wasAnyBilledBefore(
  attempts: readonly Attempt[],
  { taskId, right, operation }: Brought,
): boolean {
  const earlier = attempts.filter(({ seq }) => seq <= right.expectedSeq);
  const first = earlier.findIndex(({ taskIds }) => taskId !== undefined && taskIds.has(taskId));
  return earlier.slice(0, first < 0 ? undefined : first + 1).some((attempt) => {
    const how = attempt.operation === 'task' ? 'task' : 'synthesized';
    return repaymentOf({ how, right: attempt.right, operation, isSecond: false }).repaid !== undefined;
  });
}

/**
 * Audio that was found cost nothing more, whichever payment was noted first, and a task that two dispatchers watched
 * was billed once. The same dispatcher and claim mean a retry: the answer to the first append was lost.
 */
export const isSamePayment = (stands: PaidSound, ours: PaidSound): boolean =>
  (stands.by === ours.by && stands.claim === ours.claim) ||
  ours.how === 'recovered' ||
  (stands.how === 'recovered' && stands.sha256 === ours.sha256) ||
  (ours.taskId !== undefined && ours.taskId === stands.taskId);

/** Whether a claim that was given up tells of a call or task that may have been billed, and that is not this payment's. */
export const wasOther = (
  { billed, because = 'cut', lost }: EventData<'SoundFreed'>,
  ours: PaidSound,
): boolean => billed && because === 'cut' && (ours.taskId === undefined || lost?.taskId !== ours.taskId);

/** A payment whose claim was taken over, adjusted to what others have noted since. */
export const overtaken = (
  paid: PaidSound,
  { isSecond, lastClaim }: { readonly isSecond: boolean; readonly lastClaim: number },
): PaidSound => ({
  ...paid,
  ...(isSecond ? { repaid: { because: 'expired' } } : {}),
  ...(lastClaim > paid.claim ? { lastClaim } : {}),
});
