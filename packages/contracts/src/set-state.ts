/** How a set stands: whether anything may still come of it, and whether a manifest lies beside its audio. */
import type { EventName, SetlistEvent } from './events/catalog.ts';

export const SET_STATES = ['running', 'paused', 'completed', 'cancelled', 'rejected'] as const;
export type SetState = (typeof SET_STATES)[number];
export type EndState = Exclude<SetState, 'running' | 'paused'>;

interface Standing {
  readonly state: SetState;
}

/** Whether the set still has a way to go: it can be steered, and only a retry brings one back that can't. */
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

/** Whether the set has ended, be it that it was refused. */
export const hasEnded = <S extends Standing>(set: S): set is S & { readonly state: EndState } => !isOpen(set);

/** Whether the set has ended, now or once before, with items to tell of: a retry leaves the manifest of the round before. */
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

/** Whether a set whose life says this first has begun; one that can't be read here begins nothing. */
export const beginsSet = (first: SetlistEvent | undefined): boolean => BEGINS.has(first?.name);

/** Whether a set whose life says this last has ended. */
export const endsSet = (last: SetlistEvent | undefined): boolean => ENDS.has(last?.name);
