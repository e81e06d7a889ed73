/** The steps in a sound's life that a user takes instead of a dispatcher: adopting audio, and removing it. */
import { type EventData, newEvent } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import {
  lastClaimOf,
  type PaidSound,
  type ReadableState,
  type SoundState,
  soundState,
} from '../domain/sound-life.ts';

type Log = Pick<EventLog, 'append' | 'last' | 'clock'>;

/** The data of a sound that a user brings, and that is not paid for. */
export type BroughtSound = Pick<
  PaidSound,
  'hash' | 'lane' | 'object' | 'contentType' | 'bytes' | 'sha256' | 'durationMs'
>;

/**
 * Logs that a sound without audio and without a live claim has audio, at no cost.
 * @returns the sound's state afterwards, which is another writer's where that one was faster
 */
export async function noteAdopted(
  log: Log,
  state: ReadableState,
  brought: BroughtSound & { readonly by: string },
): Promise<SoundState> {
  const claim = lastClaimOf(state) + 1;
  const paid: EventData<'SoundPaid'> = { ...brought, claim, how: 'adopted', billedCharacters: 0 };
  const event = newEvent('SoundPaid', paid, { source: 'cli', now: new Date(log.clock.now()) });
  const result = await log.append(event, { lastSeq: state.seq });
  return soundState(result.kind === 'stored' ? { seq: result.seq, event } : result.last);
}

/** The reason logged when unused audio is removed: the sound is free then, so its next payment is not a second one. */
const COLLECTED = {
  code: 'collected',
  message: 'no set had used the sound for long, and a user had its audio removed',
  remedy: 'Nothing to do: a set that wants the sound pays for it again.',
} as const;

/**
 * Logs that a paid sound's audio is about to be removed.
 * @returns false where the sound has had another event meanwhile: its audio has to stay
 */
export async function noteCollected(
  log: Log,
  { seq, claim, hash, by }: { seq: number; claim: number; hash: string; by: string },
): Promise<boolean> {
  const freed: EventData<'SoundFreed'> = { hash, claim, by, reason: COLLECTED, billed: false };
  const event = newEvent('SoundFreed', freed, { source: 'cli', now: new Date(log.clock.now()) });
  return (await log.append(event, { lastSeq: seq })).kind === 'stored';
}
