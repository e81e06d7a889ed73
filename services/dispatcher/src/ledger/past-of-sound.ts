/** The whole life of a sound, for takeovers: its last event is all that the ledger reads otherwise. */
import { type EventData, type EventName, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type PaidSound, UNUSABLE_AUDIO } from '@setlist/sounds';

export interface Past {
  /** Every payment there ever was. */
  readonly payments: readonly PaidSound[];
  /** Whether the last of them stands: no user had its audio removed since. */
  readonly stands: boolean;
  /** Whether a call was billed since the last payment and brought audio of no use. */
  readonly wasInVain: boolean;
  /** Whether the audio of the last payment was found damaged since. */
  readonly isDamaged: boolean;
  /** Tasks of which nothing further can come: paid for, or their audio could not be used. */
  readonly spentTasks: ReadonlySet<string | undefined>;
}

export async function pastOf(log: Pick<EventLog, 'read'>, hash: string): Promise<Past> {
  const payments: PaidSound[] = [];
  const spentTasks = new Set<string | undefined>();
  let [stands, wasInVain, isDamaged] = [false, false, false];
  let before: EventName | undefined;
  let task: string | undefined;
  for await (const { event } of log.read({ subjects: [subjects.sound(hash)] })) {
    // Only a user frees what is paid.
    if (event?.name === 'SoundFreed' && before === 'SoundPaid') stands = false;
    before = event?.name;
    if (event?.name === 'SoundClaimed') task = taskOfClaim(event.data);
    if (event?.name === 'SoundTaskStarted') task = event.data.taskId;
    if (event?.name === 'SoundFreed' && event.data.reason.code === UNUSABLE_AUDIO) {
      spentTasks.add(task);
      wasInVain = true;
    }
    if (event?.name === 'SoundClaimed') isDamaged ||= event.data.because === 'damaged';
    if (event?.name !== 'SoundPaid') continue;
    payments.push(event.data);
    spentTasks.add(event.data.taskId);
    [stands, wasInVain, isDamaged] = [true, false, false];
  }
  return { payments, stands, wasInVain, isDamaged, spentTasks };
}

/** What a call brings says nothing of a task. */
const taskOfClaim = ({ operation, lost }: EventData<'SoundClaimed'>): string | undefined =>
  operation === 'task' ? lost?.taskId : undefined;
