/**
 * A sound's life, and what follows from where it stands.
 *
 *            ┌────────────── freed (call failed) ◀─────────────┐
 *            ▼                                                 │
 *   unknown ──▶ claimed ──▶ [task started] ──▶ paid ──▶ (for ever)
 *                  │  ▲                          │
 *                  └──┘ ran out: taken over      └─▶ claimed again, when its audio is gone
 */
import type { EventData, Reason, SetlistEvent } from '@setlist/contracts';

type Claimed = EventData<'SoundClaimed'>;
export type PaidSound = EventData<'SoundPaid'>;

/** Where a sound stands; `seq` is the sequence that the next step has to name. */
export type SoundState =
  | { readonly kind: 'unknown'; readonly seq: 0 }
  | { readonly kind: 'claimed'; readonly seq: number; readonly claim: Claim }
  | { readonly kind: 'paid'; readonly seq: number; readonly paid: PaidSound }
  | { readonly kind: 'freed'; readonly seq: number; readonly claim: number; readonly billed: boolean };

export interface Claim {
  readonly ordinal: number;
  readonly by: string;
  /** Broker's clock, ms since 1970. */
  readonly until: number;
  /** How many claims in a row ran out before it without a task to show for it. */
  readonly expired: number;
  readonly operation: Claimed['operation'];
  /** The task that may have been started, and would be found by its key prefix. */
  readonly task?: { readonly taskId?: string; readonly keyPrefix: string };
}

/** After so many claims that ran out, one after the other, the sound is given up. */
export const CLAIMS_BEFORE_GIVING_UP = 5;

/** The key prefix of a sound's task: it carries the hash, by which a lost task is found again. */
export const taskKeyPrefix = (root: string, hash: string): string => `${root}${hash}`;

/** The last event on a sound's subject is its state. */
export function soundState(last: { seq: number; event?: SetlistEvent } | undefined): SoundState {
  const event = last?.event;
  if (!last || !event) return { kind: 'unknown', seq: 0 };
  const { seq } = last;
  switch (event.name) {
    case 'SoundClaimed': {
      const { claim: ordinal, by, until, expired, operation, lost } = event.data;
      const task = lost && {
        keyPrefix: lost.keyPrefix,
        ...(lost.taskId === undefined ? {} : { taskId: lost.taskId }),
      };
      const claim = { ordinal, by, until: Date.parse(until), expired, operation };
      return { kind: 'claimed', seq, claim: task ? { ...claim, task } : claim };
    }
    case 'SoundTaskStarted': {
      const { claim: ordinal, by, until, taskId, keyPrefix } = event.data;
      const task = { taskId, keyPrefix };
      const claim: Claim = { ordinal, by, until: Date.parse(until), expired: 0, operation: 'task', task };
      return { kind: 'claimed', seq, claim };
    }
    case 'SoundPaid':
      return { kind: 'paid', seq, paid: event.data };
    case 'SoundFreed':
      return { kind: 'freed', seq, claim: event.data.claim, billed: event.data.billed };
    default:
      return { kind: 'unknown', seq: 0 };
  }
}

/** A right to claim, as the ledger stood when it was read. */
export interface ClaimRight {
  readonly expectedSeq: number;
  readonly ordinal: number;
  readonly expired: number;
  readonly because: Claimed['because'];
  /** A task of the claim before that must be looked for before anything is paid. */
  readonly lost?: { readonly taskId?: string; readonly keyPrefix: string };
}

/** Whether an earlier claim may have been billed, so that a call by this right pays once more. */
export const mayBePaid = ({ because }: ClaimRight): boolean => because !== 'new' && because !== 'freed';

export type SoundDecision =
  | { readonly kind: 'reuse'; readonly paid: PaidSound }
  | { readonly kind: 'claim'; readonly right: ClaimRight }
  /** Another claim holds until then (broker's clock, ms). */
  | { readonly kind: 'wait'; readonly seq: number; readonly until: number }
  | { readonly kind: 'give-up'; readonly reason: Reason };

/** What whoever wants a sound does about it now. `now` is the broker's clock, in ms. */
export function decideSound(state: SoundState, now: number): SoundDecision {
  switch (state.kind) {
    case 'unknown':
      return { kind: 'claim', right: { expectedSeq: 0, ordinal: 1, expired: 0, because: 'new' } };
    case 'paid':
      return { kind: 'reuse', paid: state.paid };
    case 'freed':
      return {
        kind: 'claim',
        right: {
          expectedSeq: state.seq,
          ordinal: state.claim + 1,
          expired: 0,
          because: state.billed ? 'cut' : 'freed',
        },
      };
    case 'claimed':
      return state.claim.until > now
        ? { kind: 'wait', seq: state.seq, until: state.claim.until }
        : takeOver(state);
    default:
      return state satisfies never;
  }
}

function takeOver({ seq, claim }: SoundState & { kind: 'claimed' }): SoundDecision {
  // A claim with a task started is not lost: whoever comes next finds the task.
  const expired = claim.task?.taskId === undefined ? claim.expired + 1 : 0;
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
  const right = { expectedSeq: seq, ordinal: claim.ordinal + 1, expired, because: 'expired' } as const;
  return { kind: 'claim', right: claim.task ? { ...right, lost: claim.task } : right };
}

/** The right to make a paid sound anew because its stored audio is gone or damaged. */
export function rightToRepay(
  state: SoundState & { kind: 'paid' },
  because: 'missing' | 'damaged',
): ClaimRight {
  return { expectedSeq: state.seq, ordinal: state.paid.claim + 1, expired: 0, because };
}
