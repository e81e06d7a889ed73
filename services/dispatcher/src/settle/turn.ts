/** One turn to pay for an item's sound, and what follows from it. */
import type { Operation } from '@setlist/polly';
import type { ClaimRight } from '@setlist/sounds';
import type { Admission, Gate } from '../quota/gate.ts';
import type { Item } from './item.ts';

/** What follows: nothing, or the item is looked at again, at once or later. */
export type Paid =
  | { readonly kind: 'settled' }
  | { readonly kind: 'again'; readonly inMs: number }
  /** Somebody else was quicker to claim the sound: the admission is still to be used. */
  | { readonly kind: 'outrun' };

export interface Turn {
  readonly item: Item;
  readonly right: ClaimRight;
  readonly gate: Gate;
  /** Whether its set still goes on here. */
  readonly isWanted: () => boolean;
  /** By which of the two it is paid; a text that fits a call may go by either. */
  readonly operation: Operation;
  /**
   * Held until what the call brought is in the log, so that no more can be paid and unknown to the log than may be
   * under way at once, and nothing further is paid while the store takes nothing; or until the store is seen to refuse
   * this audio alone, and few others. Disposed at the latest by whoever gave the turn.
   */
  readonly admission: Admission;
}

export const AGAIN_NOW: Paid = { kind: 'again', inMs: 0 };
export const OUTRUN: Paid = { kind: 'outrun' };
