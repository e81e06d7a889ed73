/** Decides what a dispatcher that wants a sound does, given the sound's state in the log. */
import type { EventData, Reason } from '@setlist/contracts';
import { CUT_OFF_FROM_MS } from '@setlist/polly';
import { type Carried, lastClaimOf, type PaidSound, type PaidState, type SoundState } from './sound-life.ts';

/** Number of claims that have to expire in a row for the sound to be given up. */
export const CLAIMS_BEFORE_GIVING_UP = 5;

/** The right to make the next claim, as of the state that was read. */
export interface ClaimRight extends Carried {
  readonly expectedSeq: number;
  readonly ordinal: number;
  readonly expired: number;
  readonly because: EventData<'SoundClaimed'>['because'];
  /** Whether the sound is longer than the audio of a call, where the last event tells. */
  readonly isTooLong?: boolean | undefined;
  /** Whether an unknown number of claims expired before a dispatcher gave up. */
  readonly isUncounted?: boolean;
  /** Where a task may be lost: the latest time at which it can have been started. Broker's clock, ms since 1970. */
  readonly leftAt?: number;
}

/** The right to the first claim of a sound. */
export const RIGHT_TO_NEW: ClaimRight = { expectedSeq: 0, ordinal: 1, expired: 0, because: 'new' };

export type SoundDecision =
  | { readonly kind: 'reuse'; readonly paid: PaidSound }
  /** Making the sound again has not succeeded: the payment at this sequence is reused if its audio is there. */
  | { readonly kind: 'reuse-standing'; readonly standing: number }
  | { readonly kind: 'claim'; readonly right: ClaimRight }
  /** Another claim is in force, for at most `forMs` ms unless it is renewed. */
  | { readonly kind: 'wait'; readonly seq: number; readonly forMs: number }
  | { readonly kind: 'give-up'; readonly reason: Reason };

/** What is required of a sound. */
export interface Wanted {
  /** Only a payment after this sequence is acceptable: the set is to be recorded again. */
  readonly freshSince?: number;
  /** Sequence of a payment whose audio was looked for, and can't be used. */
  readonly goneStanding?: number | undefined;
  /** The claim at this sequence was waited for its whole term: it has expired, even if the clock has gone back. */
  readonly ranOut?: number;
}

/** What to do about a wanted sound. `now` is the broker's clock, in ms since 1970. */
export function decideSound(state: SoundState, now: number, wanted: Wanted = {}): SoundDecision {
  const { freshSince = 0, goneStanding } = wanted;
  const stands = (seq: number | undefined): seq is number =>
    seq !== undefined && seq > freshSince && seq !== goneStanding;
  switch (state.kind) {
    case 'unknown':
      return { kind: 'claim', right: RIGHT_TO_NEW };
    case 'paid':
      return state.seq > freshSince
        ? { kind: 'reuse', paid: state.paid }
        : { kind: 'claim', right: rightToRepay(state, 'fresh') };
    case 'freed':
      if (stands(state.standing)) return { kind: 'reuse-standing', standing: state.standing };
      return { kind: 'claim', right: rightToFreed(state) };
    case 'unreadable':
      return { kind: 'give-up', reason: unreadable(state.seq) };
    case 'claimed':
      if (state.claim.until > now && state.seq !== wanted.ranOut) {
        return { kind: 'wait', seq: state.seq, forMs: Math.min(state.claim.until - now, state.claim.holdMs) };
      }
      if (stands(state.claim.standing)) return { kind: 'reuse-standing', standing: state.claim.standing };
      return takeOver(state);
    default:
      return state satisfies never;
  }
}

const unreadable = (seq: number): Reason => ({
  code: 'unreadable-sound',
  message: `this sound's last event in the log, ${seq}, can't be read, so it is unknown whether the sound is paid for`,
  remedy:
    'Update the dispatchers: a newer version wrote it, most likely. Then run `setlist retry` for this set.',
});

function rightToFreed(state: SoundState & { kind: 'freed' }): ClaimRight {
  const { seq, at, because = 'freed', isCutOff = false, lost, standing } = state;
  return {
    expectedSeq: seq,
    ordinal: lastClaimOf(state) + 1,
    expired: 0,
    because,
    ...(isCutOff && { isTooLong: true }),
    ...(because === 'expired' && { isUncounted: true }),
    ...(lost ? { lost, leftAt: at } : {}),
    ...(standing === undefined ? {} : { standing }),
  };
}

function takeOver(state: SoundState & { kind: 'claimed' }): SoundDecision {
  const { seq, claim } = state;
  // A claim is renewed while its holder lives, however long a task takes; a claim that was handed on did not expire.
  const expired = claim.holdMs === 0 ? claim.expired : claim.expired + 1;
  if (expired >= CLAIMS_BEFORE_GIVING_UP) {
    return {
      kind: 'give-up',
      reason: {
        code: 'claims-ran-out',
        message: `${expired} dispatchers in a row started this phrase, and none finished it`,
        remedy:
          'Look in the dispatchers’ logs for why they end, then submit the set again: whatever is paid for is reused.',
      },
    };
  }
  const right: ClaimRight = {
    expectedSeq: seq,
    ordinal: lastClaimOf(state) + 1,
    expired,
    because: 'expired',
    ...(claim.task ? { lost: claim.task, leftAt: claim.until } : {}),
    ...(claim.standing === undefined ? {} : { standing: claim.standing }),
  };
  return { kind: 'claim', right };
}

/**
 * The right to make a paid sound again: its stored audio is gone or damaged, or the set is to be recorded again. The
 * payment stays in force until the next one: if none comes, audio that was put back meanwhile is used.
 */
export function rightToRepay(state: PaidState, because: 'missing' | 'damaged' | 'fresh'): ClaimRight {
  const { seq, paid } = state;
  const isTooLong = isTooLongForCall(paid);
  return { expectedSeq: seq, ordinal: lastClaimOf(state) + 1, expired: 0, because, standing: seq, isTooLong };
}

/** Whether a sound is longer than the audio of a call, as its payment tells: audio that a user brought does not. */
export const isTooLongForCall = ({ how, durationMs }: PaidSound): boolean | undefined =>
  how === 'adopted' ? undefined : how !== 'synthesized' && durationMs >= CUT_OFF_FROM_MS;
