/** What a dispatcher knows about a claim that it holds. */
import type { EventContext, EventData, ItemAttempt } from '@setlist/contracts';
import type { Engine } from '@setlist/polly';
import type { ClaimRight, LostTask } from '@setlist/sounds';

/** Whose claim it is. */
export interface Claimant {
  readonly for: ItemAttempt;
  /** What the sound's events carry from the item: its request as their cause, and its trace. */
  readonly context?: Pick<EventContext, 'causationId' | 'traceparent'>;
}

/** A claim of ours, with the sequence that the next step must follow. */
export interface HeldClaim extends Claimant {
  readonly hash: string;
  readonly ordinal: number;
  readonly seq: number;
  /** When it expires unless renewed, in ms by the broker's clock. */
  readonly until: number;
  readonly right: ClaimRight;
  readonly operation: 'synthesize' | 'task';
  readonly lane: Engine;
  /** The task that a dispatcher taking over has to look for. */
  readonly task?: LostTask;
  /** Whether it is handed on without anything having been called or started under it. */
  readonly isUnused?: boolean;
}

export interface ClaimTerms extends Claimant, Pick<HeldClaim, 'operation' | 'lane'> {
  /** How long the claim holds, in ms. */
  readonly holdMs: number;
  /** The prefix under which a task of this claim would be found. */
  readonly keyPrefix?: string;
}

/** What a claim leaves behind when it is given up. */
export interface Freed {
  /** Whether its own call may have been billed. */
  readonly billed: boolean;
  /** The task that may have been started, to look for before anything is paid. */
  readonly lost: LostTask | undefined;
  /** What was certainly billed for its own call, if anything. */
  readonly inVain?: EventData<'SoundFreed'>['inVain'];
}
