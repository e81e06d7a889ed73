/** One request on its way to its outcome, with what its set asks and how its tries went. */
import type { EventData, EventOf, ItemAttempt, Reason } from '@setlist/contracts';
import type { Work } from '@setlist/eventlog';
import { type Step, startStep } from '@setlist/runtime';
import type { Claimant } from '../ledger/held-claim.ts';
import type { SettleDeps } from './deps.ts';

/** What a set asks of all its items. */
export interface ItemTerms {
  /** URI of the store where its files land. */
  readonly output: string;
  /** Broker's clock, ms: nothing further is paid after it. */
  readonly deadline?: number;
  /** Calls and tasks side by side. */
  readonly bothPaths: boolean;
  /** Only payments after this sequence will do. */
  readonly freshSince?: number;
}

/** One request on its way to its outcome. */
export interface Item {
  /** Its newest handout. */
  work: Work;
  readonly request: EventData<'ItemRequested'>;
  readonly is: ItemAttempt;
  readonly terms: ItemTerms;
  /** From now to its outcome; ends with that, or with being given back. */
  readonly step: Step;
  /** While it has to be paid and is not admitted yet. */
  admission?: Step;
  /** Calls made for it so far by this replica; one that was throttled is none. */
  tries: number;
  /** How many of them were most likely billed and brought nothing that can be kept. */
  inVain: number;
  /** When its last try began, in ms of the process's steady clock. */
  triedAt: number;
  /** How long its failed tries and the pauses after them took, in ms; waiting for anything else is no trying. */
  triedForMs: number;
  /** Why its last try came to nothing. */
  lastReason?: Reason;
  /** A task was refused that a call may yet do. */
  callsOnly?: boolean;
}

/** Whether nothing further may be paid for the item's set. */
export const isPastDeadline = (deps: Pick<SettleDeps, 'log'>, { terms }: Item): boolean =>
  terms.deadline !== undefined && terms.deadline <= deps.log.clock.now();

/** For whom its sound is claimed. */
export function claimantOf({ is, work, step: { traceparent } }: Item): Claimant {
  const causationId = work.record.event.id;
  return { for: is, context: { causationId, ...(traceparent === undefined ? {} : { traceparent }) } };
}

/** Notes that a call, or a task, begins now. */
export function beginTry(item: Item): void {
  item.tries++;
  item.triedAt = performance.now();
}

export function itemOf(work: Work, terms: ItemTerms): Item {
  const event: EventOf<'ItemRequested'> = work.record.event;
  const { index, attempt, lane, sound } = event.data;
  const set = event.setId ?? '';
  const facts = { set, item: index, attempt, lane, provider: sound.provider, messageId: event.id };
  const step = startStep('settle item', { parent: event.traceparent, facts });
  const is = { set, index, attempt };
  return { work, request: event.data, is, terms, step, tries: 0, inVain: 0, triedAt: 0, triedForMs: 0 };
}
