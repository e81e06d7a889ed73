/** One turn to pay for an item's sound, and its result. */
import type { Operation } from '@setlist/polly';
import type { ClaimRight } from '@setlist/sounds';
import type { Admission, Gate } from '../quota/gate.ts';
import type { Item } from './item.ts';

/**
 * The result of a turn: the item is settled, or has to be looked at again, at once or later. `tasksRefused` says that its
 * task met what every other task would meet.
 */
export type Paid =
  | { readonly kind: 'settled' }
  | { readonly kind: 'again'; readonly inMs: number; readonly tasksRefused?: boolean }
  /** Another claimed the sound first: the admission can still be used. */
  | { readonly kind: 'outrun' };

export interface Turn {
  readonly item: Item;
  readonly right: ClaimRight;
  readonly gate: Gate;
  /** Whether its set still runs here. */
  readonly isWanted: () => boolean;
  /** To be called when a task that this turn has started ends. */
  readonly taskEnded: () => void;
  /** How it is paid; a text that fits into a call can use either. */
  readonly operation: Operation;
  /**
   * Held until the call's result is in the log. So at most as many payments as calls in flight are unknown to the log,
   * and nothing more is paid while the store takes nothing. Given back earlier if only this audio, and little else, is
   * refused by the store or can't be read there. The giver of the turn disposes it at the latest.
   */
  readonly admission: Admission;
}

export const AGAIN_NOW: Paid = { kind: 'again', inMs: 0 };
export const OUTRUN: Paid = { kind: 'outrun' };
