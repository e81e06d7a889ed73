/**
 * A sound's state, which follows from the last event about it. A payment stays in force while its sound is made again,
 * because its audio is gone or damaged or a set records it again: if that fails, sets that did not ask for a recording
 * reuse the payment, provided its audio is there.
 *
 *            ┌────────────── freed (call failed) ◀─────────────┐
 *            ▼                                                 │
 *   unknown ──▶ claimed ──▶ [task started] ──▶ paid ──▶ (forever)
 *      │           │  ▲                          │ ▲  │
 *      │           └──┘ expired: taken over      │ │  └─▶ claimed again, when its audio is gone or to be recorded again
 *      │                                         │ │
 *      └───── adopted by a user (from a claim, ──┼─┘
 *              once that has expired; again,     │
 *              once adopted audio is gone)       │
 *                                                └──▶ freed, when a user has unused audio removed
 */
import type { EventData, SetlistEvent } from '@setlist/contracts';

type Claimed = EventData<'SoundClaimed'>;
export type PaidSound = EventData<'SoundPaid'>;
/** Why a sound is paid for although it may already have been. */
export type Again = NonNullable<EventData<'SoundFreed'>['because']>;

/** Code of a call's audio that was cut off at the provider's limit, which tasks don't have. */
export const CUT_OFF_AUDIO = 'audio-cut-off';

/** A sound's state; `seq` is the sequence that the next step has to name as the last one. */
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
      /** Why the next call may be billed although one already was; `undefined` where none was. */
      readonly because?: Again;
      /** Whether the audio of its last call was cut off. */
      readonly isCutOff?: boolean;
      readonly lost?: LostTask;
      readonly standing?: number;
    }
  /** This version can't read the last event, which was most likely written by a newer one. */
  | { readonly kind: 'unreadable'; readonly seq: number };

/** A state that a next step can follow. */
export type ReadableState = Exclude<SoundState, { readonly kind: 'unreadable' }>;
export type PaidState = SoundState & { readonly kind: 'paid' };

/** A task that may have been started, with the key prefix under which to look for it. */
export interface LostTask {
  readonly taskId?: string;
  readonly keyPrefix: string;
}

/** Ordinal of the newest claim so far, which is not the one of a late payment; 0 where there was none. */
export function lastClaimOf(state: SoundState): number {
  switch (state.kind) {
    case 'unknown':
    case 'unreadable':
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

/** Sequence of the payment in force; `undefined` where there is none. */
export function standsAt(state: SoundState): number | undefined {
  if (state.kind === 'unknown' || state.kind === 'unreadable') return undefined;
  if (state.kind === 'paid') return state.seq;
  return state.kind === 'claimed' ? state.claim.standing : state.standing;
}

/** A dispatcher stores audio before it logs the payment. The next run finds what a crashed one stored, and logs it. */
export const mayHaveLeftAudio = (state: SoundState): boolean =>
  state.kind === 'claimed' || (state.kind === 'freed' && state.because === 'expired');

/** What one step of a sound's life passes on to the next. */
export interface Carried {
  /** A task that must be looked for before anything is paid. */
  readonly lost?: LostTask;
  /** Sequence of the payment in force while the sound is made again. */
  readonly standing?: number;
}

interface Claim {
  readonly ordinal: number;
  /** The item for which it is paid. */
  readonly for: Claimed['for'];
  /** Broker's clock, ms since 1970. */
  readonly until: number;
  /** How long the claim lasts, in ms; 0 where its holder handed it on, which does not count as expiring. */
  readonly holdMs: number;
  /** How many claims in a row expired before this one. */
  readonly expired: number;
  /** The task that may have been started under it. */
  readonly task?: LostTask;
  readonly standing?: number;
}

/** The last event on a sound's subject is its state. */
export function soundState(last: { seq: number; event?: SetlistEvent } | undefined): SoundState {
  if (!last) return { kind: 'unknown', seq: 0 };
  const { seq, event } = last;
  switch (event?.name) {
    case 'SoundClaimed': {
      const { claim: ordinal, for: item, expired } = event.data;
      const { lost: task, ...carried } = carriedBy(event.data);
      const claim = { ordinal, for: item, ...leaseTermIn(event), expired, ...carried };
      return { kind: 'claimed', seq, claim: task ? { ...claim, task } : claim };
    }
    case 'SoundTaskStarted': {
      const { claim: ordinal, for: item, expired, taskId, keyPrefix } = event.data;
      const claim = { ordinal, for: item, ...leaseTermIn(event), expired };
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
        ...(event.data.reason.code === CUT_OFF_AUDIO && { isCutOff: true }),
        ...againIn(event.data),
        ...carriedBy(event.data),
      };
    default:
      return { kind: 'unreadable', seq };
  }
}

/** Earlier versions did not give a reason. */
const againIn = ({ billed, because = 'cut' }: EventData<'SoundFreed'>): { because?: Again } =>
  billed ? { because } : {};

function leaseTermIn(event: SetlistEvent & { data: { until: string } }): Pick<Claim, 'until' | 'holdMs'> {
  const until = Date.parse(event.data.until);
  return { until, holdMs: Math.max(0, until - Date.parse(event.time)) };
}

/** The event's `lost` and `standing`, without undefined fields. */
function carriedBy({ lost, standing }: { lost?: Claimed['lost']; standing?: number | undefined }): Carried {
  const { keyPrefix, taskId } = lost ?? {};
  const task =
    keyPrefix === undefined ? undefined : { keyPrefix, ...(taskId === undefined ? {} : { taskId }) };
  return { ...(task ? { lost: task } : {}), ...(standing === undefined ? {} : { standing }) };
}
