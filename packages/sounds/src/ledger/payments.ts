/** Reads payments from the log: the one in force for a sound, or any whose sequence is known. */
import { subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { type PaidState, type SoundState, soundState, standsAt } from '../domain/sound-life.ts';

/** A sound's state in the log. */
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

/** The payment in force for a sound: while the sound is recorded again, the previous one. */
export async function standingPayment(
  log: Pick<EventLog, 'first' | 'last'>,
  hash: string,
): Promise<PaidState | undefined> {
  const state = await readSound(log, hash);
  if (state.kind === 'paid') return state;
  const seq = standsAt(state);
  return seq === undefined ? undefined : paymentAt(log, hash, seq);
}
