/**
 * Decides what a command does, given a set's life.
 *
 *               running           paused            completed          cancelled         rejected
 *   pause       SetPaused         in force          refused            refused           refused
 *   resume      in force, if it   SetResumed        refused            refused           refused
 *               was ever paused
 *   cancel      SetCancelled      SetCancelled      refused            in force          refused
 *   prioritize  SetPrioritized    SetPrioritized    refused            refused           refused
 *   retry       in force, if it   in force, if it   SetRetried, if     refused           refused
 *               is this round     is this round     something failed
 *
 * A command that is already in force changes nothing and gets the same answer as the first: repeating it is safe. A
 * retry needs a completed round, since a round knows its items by the event that opened it. A cancelled set has items
 * that were never tried, which a retry of the failed ones would leave without an outcome. An item whose request can't
 * be read is not retried either: it could not be requested again, and its round would never end.
 */
import {
  type Command,
  type EndState,
  type EventData,
  type EventName,
  type EventOf,
  hasEnded,
  MAX_RETRY_INDEXES,
  newEvent,
  type Reason,
} from '@setlist/contracts';
import { eventContext } from './event-context.ts';
import type { SetLife } from './set-life.ts';

type Of<V extends Command['verb']> = Extract<Command, { verb: V }>;

export type Steering =
  | EventOf<'SetPaused'>
  | EventOf<'SetResumed'>
  | EventOf<'SetCancelled'>
  | EventOf<'SetPrioritized'>
  | EventOf<'SetRetried'>;

export type Decision =
  | { readonly kind: 'append'; readonly event: Steering }
  | { readonly kind: 'in-force'; readonly did: EventName; readonly seq: number; readonly items?: number }
  | { readonly kind: 'refused'; readonly reason: Reason };

/** What a decision needs to know in addition to the set's life. */
export interface Facts {
  /** The broker's clock, in ms since 1970. */
  readonly now: number;
  /** The set's progress and costs so far; needed for a cancel. */
  readonly soFar: Pick<EventData<'SetCancelled'>, 'counts' | 'billedCharacters' | 'costUsd'>;
  /** The items whose newest attempt failed, of those that a retry names or of all; needed to retry a completed set. */
  readonly failed: ReadonlySet<number>;
  /** The failed items whose requests can be read, and so be made again. */
  readonly askable: ReadonlySet<number>;
}

export function decideCommand(command: Command, life: SetLife | undefined, facts: Facts): Decision {
  if (life === undefined) {
    return refused('unknown-set', `There is no set ${command.setId}.`, '"setlist status" lists all sets.');
  }
  switch (command.verb) {
    case 'pause':
      return pause(command, life, facts);
    case 'resume':
      return resume(command, life, facts);
    case 'cancel':
      return cancel(command, life, facts);
    case 'prioritize':
      return prioritize(command, life, facts);
    case 'retry':
      return retry(command, life, facts);
    default:
      return command satisfies never;
  }
}

function pause(command: Of<'pause'>, life: SetLife, facts: Facts): Decision {
  const { state } = life.summary;
  if (state === 'paused') return inForce(life, 'SetPaused');
  if (state !== 'running') return ended(state, 'be paused');
  return append(newEvent('SetPaused', dataOf(command, life), eventContext(life.summary, facts)));
}

function resume(command: Of<'resume'>, life: SetLife, facts: Facts): Decision {
  const { state } = life.summary;
  if (state === 'running') {
    if (life.lastOf.has('SetResumed')) return inForce(life, 'SetResumed');
    return refused('not-paused', 'The set is not paused: it is running.', 'There is nothing to do.');
  }
  if (state !== 'paused') return ended(state, 'be resumed');
  return append(newEvent('SetResumed', dataOf(command, life), eventContext(life.summary, facts)));
}

function cancel(command: Of<'cancel'>, life: SetLife, facts: Facts): Decision {
  const { summary } = life;
  if (summary.state === 'cancelled') return inForce(life, 'SetCancelled');
  if (hasEnded(summary)) return ended(summary.state, 'be cancelled');
  const data = { ...dataOf(command, life), ...facts.soFar };
  return append(newEvent('SetCancelled', data, eventContext(life.summary, facts)));
}

function prioritize(command: Of<'prioritize'>, life: SetLife, facts: Facts): Decision {
  const { summary } = life;
  if (hasEnded(summary)) return ended(summary.state, 'be given another priority');
  if (summary.priority === command.priority) {
    return inForce(life, life.lastOf.has('SetPrioritized') ? 'SetPrioritized' : 'SetAccepted');
  }
  const data = { ...dataOf(command, life), priority: command.priority };
  return append(newEvent('SetPrioritized', data, eventContext(life.summary, facts)));
}

function retry(command: Of<'retry'>, life: SetLife, facts: Facts): Decision {
  const { summary } = life;
  if (!hasEnded(summary)) {
    const { retried } = life;
    if (retried && asksForSame(command.indexes, retried)) {
      return { ...inForce(life, 'SetRetried'), items: retried.items };
    }
    const remedy = 'Retry once it has ended, or cancel it and run its file again: nothing is paid twice.';
    return refused('still-running', `The set has not ended: it is ${summary.state}.`, remedy);
  }
  if (summary.state !== 'completed') return ended(summary.state, 'be retried');
  const notFailed = command.indexes?.filter((index) => !facts.failed.has(index)) ?? [];
  if (notFailed.length > 0) return itemsNotFailed(notFailed);
  const { failed, askable } = facts;
  if (failed.size === 0) {
    return refused('nothing-failed', 'No item of the set failed: there is nothing to retry.', RUN_AGAIN);
  }
  const lost = [...failed].filter((index) => !askable.has(index));
  if (lost.length > 0 && (command.indexes || askable.size === 0)) return requestsUnreadable(lost);
  // A round's items must not change when more requests become readable; an event can name only this many.
  const indexes = command.indexes ?? (lost.length > 0 ? [...askable].slice(0, MAX_RETRY_INDEXES) : undefined);
  const which = indexes ? { indexes, ...(command.indexes ? {} : { all: true as const }) } : {};
  const items = indexes?.length ?? failed.size;
  const data: EventData<'SetRetried'> = {
    ...dataOf(command, life),
    round: summary.round + 1,
    items,
    ...which,
  };
  return append(newEvent('SetRetried', data, eventContext(life.summary, facts)));
}

/** Ignores the order of indexes; no indexes means all failed items that can be requested again. */
function asksForSame(
  wanted: readonly number[] | undefined,
  { indexes, all }: EventData<'SetRetried'>,
): boolean {
  if (wanted === undefined) return indexes === undefined || all === true;
  const known = new Set(indexes);
  return wanted.length === known.size && wanted.every((index) => known.has(index));
}

const SHOWN = 5;

function shown(indexes: readonly number[]): string {
  const more = indexes.length > SHOWN ? ` and ${indexes.length - SHOWN} more` : '';
  return `${indexes.slice(0, SHOWN).join(', ')}${more}`;
}

function itemsNotFailed(indexes: readonly number[]): Decision {
  const message = `Only failed items can be retried, and ${indexes.length === 1 ? 'this one has' : 'these have'} not failed: ${shown(indexes)}.`;
  return refused('not-failed', message, '"setlist status SET --failed" lists the failed items.');
}

function requestsUnreadable(indexes: readonly number[]): Decision {
  const message = `The original requests can't be read, so these items can't be retried: ${shown(indexes)}.`;
  const remedy = `If a newer version wrote the requests, update Setlist, then retry. ${RUN_AGAIN}`;
  return refused('unreadable-request', message, remedy);
}

const RUN_AGAIN = 'Run its file again to make what is missing: paid audio is reused.';

const END_REMEDIES: Readonly<Record<EndState, string>> = {
  completed: 'If items failed, "setlist retry SET" requests them again.',
  cancelled: RUN_AGAIN,
  rejected: 'Correct the file as the report next to it says, then submit it again.',
};

const ended = (state: EndState, wish: string): Decision =>
  refused(`already-${state}`, `The set is ${state}: it can't ${wish}.`, END_REMEDIES[state]);

const refused = (code: string, message: string, remedy: string): Decision => ({
  kind: 'refused',
  reason: { code, message, remedy },
});

const append = (event: Steering): Decision => ({ kind: 'append', event });

const inForce = ({ summary, lastOf }: SetLife, did: EventName) => ({
  kind: 'in-force' as const,
  did,
  seq: lastOf.get(did) ?? summary.stateSeq,
});

const dataOf = ({ who, why }: Command, { summary }: SetLife) => ({
  set: summary.set,
  who,
  ...(why === undefined ? {} : { why }),
  afterSeq: summary.stateSeq,
});
