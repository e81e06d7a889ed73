/** Looks at payments in the log: at the one that stands for a sound, or at any whose place is known. */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type PaidState, type SoundState, soundState, standsAt } from '../domain/sound-life.ts';

/** Where a sound stands in the log. */
export const readSound = async (log: Pick<EventLog, 'last'>, hash: string): Promise<SoundState> =>
  soundState(await log.last(subjects.sound(hash)));

/** The payment at a sequence of the sound's own subject. */
export async function paymentAt(
  log: Pick<EventLog, 'first'>,
  hash: string,
  seq: number,
): Promise<PaidState | undefined> {
  const state = soundState(await log.first(subjects.sound(hash), seq));
  return state.kind === 'paid' && state.seq === seq ? state : undefined;
}

/** The payment that stands for a sound: while it is recorded afresh, the one before. */
export async function standingPayment(
  log: Pick<EventLog, 'first' | 'last'>,
  hash: string,
): Promise<PaidState | undefined> {
  const state = await readSound(log, hash);
  if (state.kind === 'paid') return state;
  const seq = standsAt(state);
  return seq === undefined ? undefined : paymentAt(log, hash, seq);
}
