/**
 * A sound's life, and what follows from where it stands. A payment goes on standing while its sound is recorded
 * afresh: whoever does not ask for that reuses it, should the recording come to nothing.
 *
 *            ┌────────────── freed (call failed) ◀─────────────┐
 *            ▼                                                 │
 *   unknown ──▶ claimed ──▶ [task started] ──▶ paid ──▶ (for ever)
 *      │           │  ▲                          │ ▲  │
 *      │           └──┘ ran out: taken over      │ │  └─▶ claimed again, when its audio is gone or wanted afresh
 *      │                                         │ │
 *      └──────────── adopted by a user ──────────┼─┘
 *                                                └──▶ freed, when a user has unused audio removed
 */
import type { EventData, Reason, SetlistEvent } from '@setlist/contracts';

type Claimed = EventData<'SoundClaimed'>;
export type PaidSound = EventData<'SoundPaid'>;
/** Why a sound is paid for although it may have been before. */
export type Again = NonNullable<EventData<'SoundFreed'>['because']>;

/** Where a sound stands; `seq` is the sequence that the next step has to name. */
export type SoundState =
  | { readonly kind: 'unknown'; readonly seq: 0 }
  | { readonly kind: 'claimed'; readonly seq: number; readonly claim: Claim }
  | { readonly kind: 'paid'; readonly seq: number; readonly paid: PaidSound }
  | {
      readonly kind: 'freed';
      readonly seq: number;
      /** Broker's clock, ms since 1970. */
      readonly at: number;
      readonly claim: number;
      /** Why the next call may be one more to be billed; nothing where none was. */
      readonly because?: Again;
      readonly lost?: LostTask;
      readonly standing?: number;
    };

export type PaidState = SoundState & { readonly kind: 'paid' };

/** A task that may have been started, by the prefix under which it would be found. */
export interface LostTask {
  readonly taskId?: string;
  readonly keyPrefix: string;
}

/** Ordinal of the newest claim so far, which a payment that came late does not belong to; 0 where there was none. */
export function lastClaimOf(state: SoundState): number {
  switch (state.kind) {
    case 'unknown':
      return 0;
    case 'claimed':
      return state.claim.ordinal;
    case 'paid':
      return state.paid.lastClaim ?? state.paid.claim;
    case 'freed':
      return state.claim;
    default:
      return state satisfies never;
  }
}

/** Sequence of the payment that stands; nothing where none does. */
export function standsAt(state: SoundState): number | undefined {
  if (state.kind === 'unknown') return undefined;
  if (state.kind === 'paid') return state.seq;
  return state.kind === 'claimed' ? state.claim.standing : state.standing;
}

/** What one step of a sound's life hands on to the next. */
interface Carried {
  /** A task that must be looked for before anything is paid. */
  readonly lost?: LostTask;
  /** Sequence of the payment that stands while the sound is recorded afresh. */
  readonly standing?: number;
}

interface Claim {
  readonly ordinal: number;
  readonly by: string;
  /** Broker's clock, ms since 1970. */
  readonly until: number;
  /** For how long it was made, in ms; 0 where its holder handed it on, which is no running out. */
  readonly holdMs: number;
  /** How many claims in a row ran out before it. */
  readonly expired: number;
  readonly operation: Claimed['operation'];
  /** The task that may have been started, and would be found by its key prefix. */
  readonly task?: LostTask;
  readonly standing?: number;
}

/** After so many claims that ran out, one after the other, the sound is given up. */
export const CLAIMS_BEFORE_GIVING_UP = 5;

/** The last event on a sound's subject is its state. */
export function soundState(last: { seq: number; event?: SetlistEvent } | undefined): SoundState {
  const event = last?.event;
  if (!last || !event) return { kind: 'unknown', seq: 0 };
  const { seq } = last;
  switch (event.name) {
    case 'SoundClaimed': {
      const { claim: ordinal, by, expired, operation } = event.data;
      const { lost: task, ...carried } = carriedBy(event.data);
      const claim = { ordinal, by, ...tenureIn(event), expired, operation, ...carried };
      return { kind: 'claimed', seq, claim: task ? { ...claim, task } : claim };
    }
    case 'SoundTaskStarted': {
      const { claim: ordinal, by, expired, taskId, keyPrefix } = event.data;
      const claim = { ordinal, by, ...tenureIn(event), expired, operation: 'task' } as const;
      const { standing } = carriedBy(event.data);
      const carried = standing === undefined ? {} : { standing };
      return { kind: 'claimed', seq, claim: { ...claim, ...carried, task: { taskId, keyPrefix } } };
    }
    case 'SoundPaid':
      return { kind: 'paid', seq, paid: event.data };
    case 'SoundFreed':
      return {
        kind: 'freed',
        seq,
        at: Date.parse(event.time),
        claim: event.data.claim,
        ...againIn(event.data),
        ...carriedBy(event.data),
      };
    default:
      return { kind: 'unknown', seq: 0 };
  }
}

/** Earlier versions did not say why. */
const againIn = ({ billed, because = 'cut' }: EventData<'SoundFreed'>): { because?: Again } =>
  billed ? { because } : {};

function tenureIn(event: SetlistEvent & { data: { until: string } }): Pick<Claim, 'until' | 'holdMs'> {
  const until = Date.parse(event.data.until);
  return { until, holdMs: Math.max(0, until - Date.parse(event.time)) };
}

/** As an event has it, without what it leaves undefined. */
function carriedBy({ lost, standing }: { lost?: Claimed['lost']; standing?: number | undefined }): Carried {
  const { keyPrefix, taskId } = lost ?? {};
  const task =
    keyPrefix === undefined ? undefined : { keyPrefix, ...(taskId === undefined ? {} : { taskId }) };
  return { ...(task ? { lost: task } : {}), ...(standing === undefined ? {} : { standing }) };
}

/** A right to claim, as the ledger stood when it was read. */
export interface ClaimRight extends Carried {
  readonly expectedSeq: number;
  readonly ordinal: number;
  readonly expired: number;
  readonly because: Claimed['because'];
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
