/** The whole life of a sound, for takeovers: its last event is all that the ledger reads otherwise. */
import { type EventName, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { PaidSound } from '../domain/sound-life.ts';

export interface Past {
  /** Every payment there ever was. */
  readonly payments: readonly PaidSound[];
  /** Whether the last of them stands: no user had its audio removed since. */
  readonly stands: boolean;
  /** Whether the audio of the last payment was found damaged since. */
  readonly isDamaged: boolean;
}

export async function pastOf(log: Pick<EventLog, 'read'>, hash: string): Promise<Past> {
  const payments: PaidSound[] = [];
  let [stands, isDamaged] = [false, false];
  let before: EventName | undefined;
  for await (const { event } of log.read({ subjects: [subjects.sound(hash)] })) {
    // Only a user frees what is paid.
    if (event?.name === 'SoundFreed' && before === 'SoundPaid') stands = false;
    before = event?.name;
    if (event?.name === 'SoundClaimed') isDamaged ||= event.data.because === 'damaged';
    if (event?.name !== 'SoundPaid') continue;
    payments.push(event.data);
    [stands, isDamaged] = [true, false];
  }
  return { payments, stands, isDamaged };
}
