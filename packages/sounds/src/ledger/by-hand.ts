/** Steps in a sound's life that a user takes, beside the dispatchers': audio brought along, and audio removed. */
import { type EventData, newEvent } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { lastClaimOf, type PaidSound, type SoundState, soundState } from '../domain/sound-life.ts';

type Log = Pick<EventLog, 'append' | 'last' | 'clock'>;

/** Audio that nobody pays for: what is said of it beside whose step it is. */
export type BroughtSound = Pick<
  PaidSound,
  'hash' | 'lane' | 'object' | 'contentType' | 'bytes' | 'sha256' | 'durationMs'
>;

/**
 * Says that a sound which nobody has, and nobody holds a claim to any more, is there, and cost nothing.
 * @returns how the sound stands then, which is another's doing where somebody was quicker
 */
export async function noteAdopted(
  log: Log,
  state: SoundState & { kind: 'unknown' | 'freed' | 'claimed' },
  brought: BroughtSound & { readonly by: string },
): Promise<SoundState> {
  const claim = lastClaimOf(state) + 1;
  const paid: EventData<'SoundPaid'> = { ...brought, claim, how: 'adopted', billedCharacters: 0 };
  const event = newEvent('SoundPaid', paid, { source: 'cli', now: new Date(log.clock.now()) });
  const result = await log.append(event, { lastSeq: state.seq });
  return soundState(result.kind === 'stored' ? { seq: result.seq, event } : result.last);
}

/** Why a sound is made again after its audio was removed as unused: it was free to be, so that nothing is paid twice. */
const COLLECTED = {
  code: 'collected',
  message: 'no set had used the sound for long, and a user had its audio removed',
  remedy: 'Nothing need be done: a set that wants the sound pays for it again.',
} as const;

/**
 * Says that a paid sound's audio is about to be removed.
 * @returns false where somebody has made something else of the sound meanwhile: its audio has to stay
 */
export async function noteCollected(
  log: Log,
  { seq, claim, hash, by }: { seq: number; claim: number; hash: string; by: string },
): Promise<boolean> {
  const freed: EventData<'SoundFreed'> = { hash, claim, by, reason: COLLECTED, billed: false };
  const event = newEvent('SoundFreed', freed, { source: 'cli', now: new Date(log.clock.now()) });
  return (await log.append(event, { lastSeq: seq })).kind === 'stored';
}
