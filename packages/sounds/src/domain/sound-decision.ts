/** What whoever wants a sound does about it, as it stands in the log. */
import type { EventData, Reason } from '@setlist/contracts';
import { type Carried, lastClaimOf, type PaidSound, type PaidState, type SoundState } from './sound-life.ts';

/** After so many claims that ran out, one after the other, the sound is given up. */
export const CLAIMS_BEFORE_GIVING_UP = 5;

/** A right to claim, as the ledger stood when it was read. */
export interface ClaimRight extends Carried {
  readonly expectedSeq: number;
  readonly ordinal: number;
  readonly expired: number;
  readonly because: EventData<'SoundClaimed'>['because'];
  /** Claims ran out before a give-up, and nobody knows any more how many. */
  readonly isUncounted?: boolean;
  /** Where a task may be lost: when its claim ended at the latest, and its start with it. Broker's clock, ms since 1970. */
  readonly leftAt?: number;
}

/** The right of whoever is the first to want a sound. */
export const RIGHT_TO_NEW: ClaimRight = { expectedSeq: 0, ordinal: 1, expired: 0, because: 'new' };

export type SoundDecision =
  | { readonly kind: 'reuse'; readonly paid: PaidSound }
  /** A recording anew came to nothing so far: the payment at this sequence is reused meanwhile. */
  | { readonly kind: 'reuse-standing'; readonly standing: number }
  | { readonly kind: 'claim'; readonly right: ClaimRight }
  /** Another claim holds for so long at most, in ms, unless it is renewed. */
  | { readonly kind: 'wait'; readonly seq: number; readonly forMs: number }
  | { readonly kind: 'give-up'; readonly reason: Reason };

/** What whoever wants a sound asks of it. */
export interface Wanted {
  /** Only a payment after this sequence will do: the set is to be recorded afresh. */
  readonly freshSince?: number;
  /** The audio of the payment that stands was looked for, and can't be used. */
  readonly standingIsGone?: boolean;
  /** The claim at this sequence was waited for as long as it holds: it ran out, though the clock may have gone back. */
  readonly ranOut?: number;
}

/** What whoever wants a sound does about it now. `now` is the broker's clock, in ms. */
export function decideSound(state: SoundState, now: number, wanted: Wanted = {}): SoundDecision {
  const { freshSince = 0, standingIsGone = false } = wanted;
  const stands = (seq: number | undefined): seq is number =>
    seq !== undefined && seq > freshSince && !standingIsGone;
  switch (state.kind) {
    case 'unknown':
      return { kind: 'claim', right: RIGHT_TO_NEW };
    case 'paid':
      return state.seq > freshSince
        ? { kind: 'reuse', paid: state.paid }
        : { kind: 'claim', right: { ...rightToRepay(state, 'fresh'), standing: state.seq } };
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
  message: `what the log says last of this sound, event ${seq}, can't be read, so that nobody here knows whether it is paid`,
  remedy:
    'Update the dispatchers: a newer version wrote it, most likely. Then run `setlist retry` for this set.',
});

function rightToFreed(state: SoundState & { kind: 'freed' }): ClaimRight {
  const { seq, at, because = 'freed', lost, standing } = state;
  return {
    expectedSeq: seq,
    ordinal: lastClaimOf(state) + 1,
    expired: 0,
    because,
    ...(because === 'expired' && { isUncounted: true }),
    ...(lost ? { lost, leftAt: at } : {}),
    ...(standing === undefined ? {} : { standing }),
  };
}

function takeOver(state: SoundState & { kind: 'claimed' }): SoundDecision {
  const { seq, claim } = state;
  // A claim is renewed while its holder lives, however long a task takes; what was handed on did not run out.
  const expired = claim.holdMs === 0 ? claim.expired : claim.expired + 1;
  if (expired >= CLAIMS_BEFORE_GIVING_UP) {
    return {
      kind: 'give-up',
      reason: {
        code: 'claims-ran-out',
        message: `${expired} dispatchers in a row began this phrase and none finished it`,
        remedy:
          'Look in the dispatchers’ logs for what ends them, then submit the set again: what is paid is reused.',
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

/** The right to make a paid sound anew: its stored audio is gone or damaged, or the set is to be recorded afresh. */
export function rightToRepay(state: PaidState, because: 'missing' | 'damaged' | 'fresh'): ClaimRight {
  return { expectedSeq: state.seq, ordinal: lastClaimOf(state) + 1, expired: 0, because };
}
