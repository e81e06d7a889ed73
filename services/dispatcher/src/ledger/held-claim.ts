/** What a dispatcher knows of a claim that it holds. */
import type { EventContext, EventData, ItemAttempt } from '@setlist/contracts';
import type { ClaimRight, LostTask } from '@setlist/sounds';

/** Whose claim it is. */
export interface Claimant {
  readonly for: ItemAttempt;
  /** What the sound's events carry of the item: its request as their cause, and its place in its trace. */
  readonly context?: Pick<EventContext, 'causationId' | 'traceparent'>;
}

/** A claim of ours: the sequence that the next step names, and what it stands for. */
export interface HeldClaim extends Claimant {
  readonly hash: string;
  readonly ordinal: number;
  readonly seq: number;
  /** Broker's clock, ms: then it runs out, unless it is renewed. */
  readonly until: number;
  readonly right: ClaimRight;
  readonly operation: 'synthesize' | 'task';
  /** The task that whoever takes over has to look for. */
  readonly task?: LostTask;
}

export interface ClaimTerms extends Claimant, Pick<HeldClaim, 'operation'> {
  /** How long the claim holds, in ms. */
  readonly holdMs: number;
  /** The prefix under which a task of this claim would be found. */
  readonly keyPrefix?: string;
}

/** What a claim that is given up leaves behind. */
export interface Freed {
  /** Whether its own call may have been billed. */
  readonly billed: boolean;
  /** The task that may have been started, and is to be looked for before anything is paid. */
  readonly lost: LostTask | undefined;
  /** What its own call was billed for certain. */
  readonly inVain?: EventData<'SoundFreed'>['inVain'];
}
