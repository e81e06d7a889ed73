/** What a set's state implies: whether more can happen to it, and whether it has a manifest. */
import type { EventName, SetlistEvent } from './events/catalog.ts';

export const SET_STATES = ['running', 'paused', 'completed', 'cancelled', 'rejected'] as const;
export type SetState = (typeof SET_STATES)[number];
export type EndState = Exclude<SetState, 'running' | 'paused'>;

interface Standing {
  readonly state: SetState;
}

/** Whether the set can still be steered. Only a retry reopens a set that can't. */
export function isOpen({ state }: Standing): boolean {
  switch (state) {
    case 'running':
    case 'paused':
      return true;
    case 'completed':
    case 'cancelled':
    case 'rejected':
      return false;
    default:
      return state satisfies never;
  }
}

/** Whether the set has ended, rejection included. */
export const hasEnded = <S extends Standing>(set: S): set is S & { readonly state: EndState } => !isOpen(set);

/** Whether a manifest exists: once a round with items has ended. A retry leaves the previous round's manifest. */
export function hasManifest({ state, round }: Standing & { readonly round: number }): boolean {
  switch (state) {
    case 'completed':
    case 'cancelled':
      return true;
    case 'running':
    case 'paused':
      return round > 1;
    case 'rejected':
      return false;
    default:
      return state satisfies never;
  }
}

const BEGINS: ReadonlySet<EventName | undefined> = new Set(['SetAccepted', 'SetRejected']);
const ENDS: ReadonlySet<EventName | undefined> = new Set(['SetCompleted', 'SetCancelled', 'SetRejected']);

/** Whether this first event of a set's life begins the set; an undecodable one (undefined) does not. */
export const beginsSet = (first: SetlistEvent | undefined): boolean => BEGINS.has(first?.name);

/** Whether this last event of a set's life ends the set. */
export const endsSet = (last: SetlistEvent | undefined): boolean => ENDS.has(last?.name);
