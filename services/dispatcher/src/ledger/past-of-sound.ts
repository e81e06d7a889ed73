/** The whole life of a sound, for what its last event doesn't tell. */
import { type EventData, type EventName, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { CUT_OFF_AUDIO, isTooLongForCall, type PaidSound, UNUSABLE_AUDIO } from '@setlist/sounds';
import { type Attempt, isSamePayment, wasOther } from '../domain/repayment.ts';
import { Attempts } from './attempts.ts';

export interface Past {
  /** Every payment so far, oldest first. */
  readonly payments: readonly PaidSound[];
  /** Whether the last payment stands: no user has freed the sound since. */
  readonly stands: boolean;
  /** Whether a call since the last payment was billed and brought unusable audio. */
  readonly wasInVain: boolean;
  /** Whether a call can't bring the whole audio: one was cut off since the last payment, or that is for longer audio. */
  readonly isTooLong: boolean;
  /** Every dispatcher's attempt to pay since the last payment, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Whether the last payment's audio has been found damaged since. */
  readonly isDamaged: boolean;
  /** Ids of tasks that can bring nothing more: they were paid for, or their audio was unusable. */
  readonly spentTasks: ReadonlySet<string | undefined>;
}

export async function pastOf(log: Pick<EventLog, 'read'>, hash: string): Promise<Past> {
  const payments: PaidSound[] = [];
  const spentTasks = new Set<string | undefined>();
  const attempts = new Attempts();
  let [stands, wasInVain, isTooLong, isDamaged] = [false, false, false, false];
  let before: EventName | undefined;
  let task: string | undefined;
  for await (const record of log.read({ subjects: [subjects.sound(hash)] })) {
    const { event } = record;
    attempts.note(record);
    // Only a user frees a paid sound.
    if (event?.name === 'SoundFreed' && before === 'SoundPaid') stands = false;
    before = event?.name;
    if (event?.name === 'SoundClaimed') task = taskOfClaim(event.data);
    if (event?.name === 'SoundTaskStarted') task = event.data.taskId;
    if (event?.name === 'SoundFreed' && event.data.reason.code === UNUSABLE_AUDIO) {
      spentTasks.add(task);
      wasInVain = true;
    }
    if (event?.name === 'SoundFreed' && event.data.reason.code === CUT_OFF_AUDIO) isTooLong = true;
    if (event?.name === 'SoundClaimed') isDamaged ||= event.data.because === 'damaged';
    if (event?.name !== 'SoundPaid') continue;
    payments.push(event.data);
    spentTasks.add(event.data.taskId);
    [stands, wasInVain, isDamaged] = [true, false, false];
    isTooLong = isTooLongForCall(event.data) ?? isTooLong;
  }
  return { payments, stands, wasInVain, isTooLong, attempts: attempts.all, isDamaged, spentTasks };
}

/** Audio from a call says nothing about a lost task. */
const taskOfClaim = ({ operation, lost }: EventData<'SoundClaimed'>): string | undefined =>
  operation === 'task' ? lost?.taskId : undefined;

interface NotedSince {
  /** The payment for the same call or task, even if the sound has been claimed after it. */
  readonly same?: PaidSound;
  /** Whether another call or task may have been billed, without a payment. */
  readonly wasBilled: boolean;
}

/** What others have noted since a claim that was taken over. */
export async function notedSince(
  log: Pick<EventLog, 'read'>,
  { hash, seq }: { readonly hash: string; readonly seq: number },
  ours: PaidSound,
): Promise<NotedSince> {
  let wasBilled = false;
  for await (const { event } of log.read({ subjects: [subjects.sound(hash)], from: seq + 1 })) {
    if (event?.name === 'SoundPaid' && isSamePayment(event.data, ours))
      return { same: event.data, wasBilled };
    if (event?.name === 'SoundFreed') wasBilled ||= wasOther(event.data, ours);
  }
  return { wasBilled };
}
