/**
 * A sound's life, as the last event about it has it. A payment goes on standing while its sound is recorded
 * afresh: whoever does not ask for that reuses it, should the recording come to nothing.
 *
 *            ┌────────────── freed (call failed) ◀─────────────┐
 *            ▼                                                 │
 *   unknown ──▶ claimed ──▶ [task started] ──▶ paid ──▶ (for ever)
 *      │           │  ▲                          │ ▲  │
 *      │           └──┘ ran out: taken over      │ │  └─▶ claimed again, when its audio is gone or wanted afresh
 *      │                                         │ │
 *      └───── adopted by a user (from a claim, ──┼─┘
 *              once that has run out)            │
 *                                                └──▶ freed, when a user has unused audio removed
 */
import type { EventData, SetlistEvent } from '@setlist/contracts';

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
    }
  /** A newer version, most likely, has said something of it that this one doesn't understand. */
  | { readonly kind: 'unreadable'; readonly seq: number };

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

/** Sequence of the payment that stands; nothing where none does. */
export function standsAt(state: SoundState): number | undefined {
  if (state.kind === 'unknown' || state.kind === 'unreadable') return undefined;
  if (state.kind === 'paid') return state.seq;
  return state.kind === 'claimed' ? state.claim.standing : state.standing;
}

/** What one step of a sound's life hands on to the next. */
export interface Carried {
  /** A task that must be looked for before anything is paid. */
  readonly lost?: LostTask;
  /** Sequence of the payment that stands while the sound is recorded afresh. */
  readonly standing?: number;
}

interface Claim {
  readonly ordinal: number;
  readonly by: string;
  /** The item for which it is paid. */
  readonly for: Claimed['for'];
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

/** The last event on a sound's subject is its state. */
export function soundState(last: { seq: number; event?: SetlistEvent } | undefined): SoundState {
  if (!last) return { kind: 'unknown', seq: 0 };
  const { seq, event } = last;
  switch (event?.name) {
    case 'SoundClaimed': {
      const { claim: ordinal, by, for: item, expired, operation } = event.data;
      const { lost: task, ...carried } = carriedBy(event.data);
      const claim = { ordinal, by, for: item, ...tenureIn(event), expired, operation, ...carried };
      return { kind: 'claimed', seq, claim: task ? { ...claim, task } : claim };
    }
    case 'SoundTaskStarted': {
      const { claim: ordinal, by, for: item, expired, taskId, keyPrefix } = event.data;
      const claim = { ordinal, by, for: item, ...tenureIn(event), expired, operation: 'task' } as const;
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
      return { kind: 'unreadable', seq };
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
