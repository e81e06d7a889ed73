/** Finds notices that are outdated by the time they would be sent: they would only contradict later ones. */
import { type EventName, stallId, subjects } from '@setlist/contracts';
import type { EventLog, Handout } from '@setlist/eventlog';
import type { Channel } from './domain/channel.ts';
import type { NotableEvent } from './domain/notice-kind.ts';

/** Passed to {@link whenToAnnounce}. */
interface Sending {
  readonly log: Pick<EventLog, 'lastAtLeader' | 'clock'>;
  /** Whether this process is handling an event. */
  readonly isInHand: (id: string) => boolean;
  /** For how long after a set moves another replica can still be sending the message about its stall, in ms. */
  readonly sentWithinMs: number;
}

/** Events that restart the quiet time, besides ItemRequested. */
const MOVES: ReadonlySet<EventName> = new Set(['ItemCompleted', 'ItemFailed', 'SetResumed', 'SetRetried']);

/**
 * By notice: the later events of the set's life that make it untrue. A pause does too, but only until the set is resumed:
 * it ends no stall. Other notices concern the past and stay true.
 */
const OVERTAKEN_BY: Partial<Record<NotableEvent['name'], ReadonlySet<EventName>>> = {
  SetStalled: new Set(['SetUnstalled', 'SetCompleted', 'SetCancelled', 'SetRetried']),
  SetUnstalled: new Set(['SetStalled', 'SetCompleted', 'SetCancelled']),
};

/** A notice first handed out within this time of its storing is sent, whatever follows closely behind it. */
const FRESH_MS = 2_000;

/** Whether an event is to be announced, not before its set is resumed, or never. */
export type Standing = 'current' | 'paused' | { readonly outdated: string };

/**
 * How an event stands now. One that was put off, or waited for a notifier, is compared with the set's later life: after
 * an outage, notices come in any order.
 */
export async function standingOf(
  event: NotableEvent,
  handout: Handout,
  log: Pick<EventLog, 'read' | 'clock'>,
): Promise<Standing> {
  const { setId, name } = event;
  const { seq } = handout.record;
  if (name === 'SetStalled' && (await hasMoved(log, { setId, from: event.data.sinceSeq + 1, before: seq }))) {
    return { outdated: 'the set had moved by then' };
  }
  const overtakenBy = OVERTAKEN_BY[name];
  if (overtakenBy === undefined || isFresh(handout, log)) return 'current';
  let isPaused = false;
  for await (const { event: later } of log.read({ subjects: [subjects.state(setId)], from: seq + 1 })) {
    if (later && overtakenBy.has(later.name))
      return { outdated: `${later.name} came before it could be sent` };
    if (later?.name === 'SetPaused') isPaused = true;
    if (later?.name === 'SetResumed') isPaused = false;
  }
  return isPaused ? 'paused' : 'current';
}

const isFresh = ({ record: { time }, deliveries }: Handout, { clock }: Pick<EventLog, 'clock'>): boolean =>
  deliveries === 1 && clock.now() - time.getTime() < FRESH_MS;

/**
 * When a channel is to announce an event. One that is for stalls but never announced a stall, since it was down
 * meanwhile, does not announce its end either.
 *
 * @returns how long to wait, in ms, before asking again: the stall's own message may be on its way
 */
export async function whenToAnnounce(
  event: NotableEvent,
  { record }: Pick<Handout, 'record'>,
  { name, notices }: Pick<Channel, 'name' | 'notices'>,
  { log, isInHand, sentWithinMs }: Sending,
): Promise<'now' | 'never' | { readonly askAgainInMs: number }> {
  if (event.name !== 'SetUnstalled' || (notices && !notices.includes('stalled'))) return 'now';
  // A node that lags could lack the note for good, as nobody asks again.
  const noteOf = (cause: string) => log.lastAtLeader(subjects.notice(event.setId, cause, name));
  const stall = stallId(event.setId, event.data.stalledSinceSeq);
  // Before the look for its note: it is out of hand only once it is noted.
  const isOnItsWay = isInHand(stall);
  const became = (await noteOf(stall))?.event?.name;
  if (became === 'NotificationSent' || (await noteOf(event.id))) return 'now';
  if (became === 'NotificationFailed') return 'never';
  const ageMs = log.clock.now() - record.time.getTime();
  if (ageMs < FRESH_MS) return { askAgainInMs: Math.ceil(FRESH_MS - ageMs) };
  if (!isOnItsWay && ageMs >= sentWithinMs) return 'never';
  return { askAgainInMs: Math.max(FRESH_MS, Math.ceil(ageMs / 10)) };
}

interface Quiet {
  readonly setId: string;
  readonly from: number;
  readonly before: number;
}

/** Whether the set had moved before its stall was stored: then it is not a stall, and no SetUnstalled follows. */
async function hasMoved(log: Pick<EventLog, 'read'>, { setId, from, before }: Quiet): Promise<boolean> {
  const requests = new Set<string>();
  for await (const { seq, event } of log.read({ subjects: [subjects.ofSet(setId)], from })) {
    if (seq >= before) break;
    if (event?.name === 'ItemRequested') requests.add(event.id);
    else if (event && MOVES.has(event.name)) return true;
  }
  return requests.size > 0 && (await isAnyNew(requests, log, { setId, from, before }));
}

/** Whether any request is new: one whose first acknowledgement was lost can be in the log twice, and moves nothing. */
async function isAnyNew(
  requests: Set<string>,
  log: Pick<EventLog, 'read'>,
  { setId, from }: Quiet,
): Promise<boolean> {
  for await (const { seq, event } of log.read({ subjects: [subjects.requested(setId, '*')] })) {
    if (seq >= from) break;
    if (event) requests.delete(event.id);
  }
  return requests.size > 0;
}
