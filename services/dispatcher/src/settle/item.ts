/** One request on its way to its outcome, with its set's terms and the history of its tries. */
import type { EventData, EventOf, ItemAttempt, Reason } from '@setlist/contracts';
import type { Work } from '@setlist/eventlog';
import { FORMATS, type Operation } from '@setlist/polly';
import { type Step, startStep } from '@setlist/runtime';
import type { OpenSet } from '@setlist/sets';
import type { ClaimRight } from '@setlist/sounds';
import type { CallFailed } from '../adapters/failures.ts';
import type { Claimant } from '../ledger/held-claim.ts';
import type { SettleDeps } from './deps.ts';

/** What a set asks of all its items. */
export type ItemTerms = Pick<OpenSet, 'output' | 'deadline' | 'bothPaths' | 'freshSince'>;

/** One request on its way to its outcome. */
export interface Item {
  /** Its newest delivery. */
  work: Work;
  readonly request: EventData<'ItemRequested'>;
  readonly is: ItemAttempt;
  readonly terms: ItemTerms;
  /** Traces the item until it has its outcome or is given back. */
  readonly step: Step;
  /** Traces the wait for admission; present while the item has to be paid. */
  admission?: Step;
  /** How many calls and tasks this replica has tried for it, without throttled ones. */
  tries: number;
  /** How many tries were most likely billed without usable audio. */
  inVain: number;
  /** When its last try began, by `performance.now()`. */
  triedAt: number;
  /** How long its failed tries and the pauses after them took, in ms; other waits don't count. */
  triedForMs: number;
  /** Why its last try failed. */
  lastReason?: Reason;
  /** Sequence of the payment whose audio it found gone or damaged: it is not looked for again at each of its tries. */
  goneStanding?: number | undefined;
  /** What the last check of its lexicons found, and when that ended, by `performance.now()`. */
  lexicons?: { readonly at: number; readonly failure?: CallFailed; readonly atItsTurn?: boolean };
  /** Whether its deadline came while it waited for its lexicons. */
  lexiconsAreLate?: boolean;
  /** The operation that is left to it: a call, since its task failed for good, or a task, since a call is cut off. */
  only?: Operation;
  /** Whether its audio is too long for a call, as the log told. */
  isTooLong?: boolean;
  /** When its first turn after its deadline began, to look for what is already paid, by `performance.now()`. */
  lateSince?: number;
  /** Whether it has had that turn, and may have no other. It never calls again. */
  hadLateTurn?: boolean;
}

/** Whether its text or its audio is too long for a call. */
export const needsTask = ({ request, only }: Pick<Item, 'request' | 'only'>): boolean =>
  request.operation === 'task' || only === 'task';

/** Whether tasks can make its sound: they have fewer sample rates than calls. */
export const fitsTask = ({ request: { sound } }: Pick<Item, 'request'>): boolean =>
  sound.format === 'json' || FORMATS[sound.format].taskSampleRates.includes(sound.sampleRate);

/** Whether a task can make its sound here. */
export const canUseTask = (deps: Pick<SettleDeps, 'tasksOf'>, item: Pick<Item, 'request'>): boolean =>
  deps.tasksOf(item.request.sound.provider) !== undefined && fitsTask(item);

/** Whether nothing more may be paid for the item's set. */
export const isPastDeadline = (deps: Pick<SettleDeps, 'log'>, { terms }: Item): boolean =>
  terms.deadline !== undefined && terms.deadline <= deps.log.clock.now();

/** Whether an earlier claim may have left a task or audio, which is looked for before anything is paid. */
export const mayFind = ({ because, lost }: ClaimRight): boolean =>
  because === 'expired' || lost !== undefined;

/** Whether the item's deadline has ended it: what may already be paid is looked for in one more turn. */
export const isOver = (deps: Pick<SettleDeps, 'log'>, item: Item, right: ClaimRight): boolean =>
  isPastDeadline(deps, item) && (item.hadLateTurn === true || !mayFind(right));

/** For how long a look-up that fails after the deadline is tried again, in ms: what is paid should be found and kept. */
export const LATE_LOOKS_MS = 5_000;

/** The item as the claimant of its sound. */
export function claimantOf({ is, work, step: { traceparent } }: Item): Claimant {
  const causationId = work.record.event.id;
  return { for: is, context: { causationId, ...(traceparent === undefined ? {} : { traceparent }) } };
}

/** Notes that a try, by call or task, begins now. */
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
