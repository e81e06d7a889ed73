/** One message to one channel: sent once and noted in the log, put off, or given up with the reason. */
import { duration, type Reason, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { backoffDelayMs, count, type Logger, messageOf, runStep, type Step } from '@setlist/runtime';
import type { ChannelGate } from './channel-gate.ts';
import { type Channel, type Notice, type Outcome, withOthers } from './domain/channel.ts';
import { failedNote, type Note, sentNote, storeNote } from './notes.ts';

export interface GatedChannel {
  readonly channel: Channel;
  readonly gate: ChannelGate;
}

export interface DeliverDeps {
  readonly log: Pick<EventLog, 'append' | 'lastAtLeader' | 'clock'>;
  readonly logger: Logger;
  readonly retry: { readonly baseMs: number; readonly capMs: number; readonly forMs: number };
  readonly random: () => number;
}

export interface HandedOut {
  /** How often the event was handed out, this time included. */
  readonly times: number;
  /** Whether its message is still true. */
  readonly isCurrent: () => Promise<boolean>;
  /** Once aborted, nothing more is handed to a channel. */
  readonly signal: AbortSignal;
}

/** Settled: the log holds the outcome, and nothing is left to do. */
export type Delivery = { readonly settled: true } | Unsettled;

interface Unsettled {
  readonly settled: false;
  readonly retryInMs: number;
  /** The event itself is to be looked at again, since it may be over. */
  readonly anew?: true;
}

/**
 * Sends unless the log says that this was done, then notes the outcome as the first message on the subject of this
 * event and channel, so that there can be only one note. After a crash between the two, which can't be ruled out, the
 * message goes out again, under the same key, and the note's `tries` is above 1.
 */
export async function deliver(
  notice: Notice,
  gated: GatedChannel,
  handedOut: HandedOut,
  deps: DeliverDeps,
): Promise<Delivery> {
  const { unsettled } = gated.gate;
  unsettled.handedOut(notice.key, handedOut.times);
  const delivery = await deliverNow(notice, gated, handedOut, deps);
  if (delivery.settled) unsettled.settled(notice.key);
  return delivery;
}

/** Notes that a message is not sent at all, unless the log says what became of it. */
export async function giveUp(
  notice: Notice,
  { channel }: GatedChannel,
  reason: Reason,
  deps: DeliverDeps,
): Promise<Delivery> {
  if (await hasNote(notice, channel, deps)) return { settled: true };
  return settle(failedNote(notice, channel, 0, reason), deps);
}

async function deliverNow(
  notice: Notice,
  { channel, gate }: GatedChannel,
  { isCurrent, signal }: Omit<HandedOut, 'times'>,
  deps: DeliverDeps,
): Promise<Delivery> {
  const { key } = notice;
  const isNoted = (): Promise<boolean> => hasNote(notice, channel, deps);
  // First of all: a message that was settled here is unknown since, and would be put off as if it came from elsewhere.
  if (await isNoted()) return { settled: true };
  const notYetMs = gate.unsettled.leftMs(key);
  if (notYetMs > 0) return putOff(notYetMs);
  const outcome = await gate.pass(async () => {
    // It may have waited long for its place: another replica may have sent it meanwhile, or a stall be over.
    if ((await isNoted()) || !(await isCurrent())) return undefined;
    gate.unsettled.tried(key);
    return tryOnce(notice, channel, deps.logger);
  }, signal);
  // Settled elsewhere, no longer true, or stopped before its turn came: then whoever takes it next judges it anew.
  if (outcome === undefined) return (await isNoted()) ? { settled: true } : LOOK_ANEW;
  const tries = gate.unsettled.tries(key);
  if (outcome.kind === 'sent') return settle(sentNote(notice, channel, tries, outcome), deps);
  if (outcome.kind === 'refused') {
    return settle(failedNote(notice, channel, tries, outcome.reason), deps);
  }
  // It was not tried, so it is not given up, however old it is.
  if (outcome.kind === 'not yet') return waitInLine(gate, key, outcome.askAgainInMs);
  const { forMs } = deps.retry;
  // Counted from when the event was stored, so a restart does not extend it.
  const leftMs = notice.storedAt.getTime() + forMs - deps.log.clock.now();
  if (leftMs <= 0) {
    const reason = withOthers(gaveUp(outcome.reason, forMs), channel.othersOf?.(key));
    return settle(failedNote(notice, channel, tries, reason), deps);
  }
  const waitMs = Math.min(waitAfter(outcome, { gate, tries }, deps), leftMs);
  // While a channel rests, the gate answers each time.
  if (outcome.kind === 'down') return putOff(waitMs);
  const delivery = waitInLine(gate, key, waitMs);
  tellOnce(notice, { channel, gate }, outcome.reason, deps.logger);
  return delivery;
}

/** A node that lags could lack the note, and the message would go out again. */
const hasNote = async ({ event }: Notice, { name }: Channel, { log }: DeliverDeps): Promise<boolean> =>
  (await log.lastAtLeader(subjects.notice(event.setId, event.id, name))) !== undefined;

const LOOK_ANEW: Delivery = { settled: false, retryInMs: 0, anew: true };

const putOff = (waitMs: number): Delivery => ({ settled: false, retryInMs: Math.ceil(waitMs) });

/** A message keeps its place in line by not asking again. */
function waitInLine({ unsettled }: ChannelGate, key: string, waitMs: number): Delivery {
  unsettled.putOff(key, waitMs);
  return putOff(waitMs);
}

/** Says why a message waits, but not again at each try. */
function tellOnce(
  { key, event }: Notice,
  { channel: { name, recipient }, gate: { unsettled } }: GatedChannel,
  { code, message, remedy }: Reason,
  logger: Logger,
): void {
  if (!unsettled.isNews(key, code)) return;
  const about = { channel: name, recipient, cause: event.id, set: event.setId, tries: unsettled.tries(key) };
  logger.warn(
    { event: 'put-off', ...about, code, remedy, retryInMs: Math.ceil(unsettled.leftMs(key)) },
    `${event.name} is put off by ${name}: ${message}`,
  );
}

type Waiting = Exclude<Outcome, { kind: 'sent' | 'refused' }>;

/** The wait before the next try, in ms. Messages that wait for the same moment are spread. */
function waitAfter(
  outcome: Waiting,
  { gate, tries }: { readonly gate: ChannelGate; readonly tries: number },
  { retry, random }: DeliverDeps,
): number {
  if (outcome.kind === 'down') return gate.restsForMs() + random() * retry.baseMs;
  const backoffMs = backoffDelayMs(tries, { ...retry, random });
  return outcome.retryAfterMs === undefined ? backoffMs : outcome.retryAfterMs + random() * retry.baseMs;
}

/** One try, as a step in the event's trace. */
function tryOnce(notice: Notice, channel: Channel, logger: Logger): Promise<Outcome> {
  const { event } = notice;
  const facts = { set: event.setId, event: event.name, channel: channel.name, messageId: event.id };
  return runStep('deliver message', { parent: event.traceparent, facts }, async (step: Step) => {
    const outcome = await attempt(notice, channel, logger);
    count('notices', 1, { channel: channel.name, outcome: outcome.kind });
    step.note({ outcome: outcome.kind });
    if (outcome.kind !== 'sent') step.end(outcome.reason.code);
    return outcome;
  });
}

/** A channel that throws has a bug; the message is not lost over it. */
async function attempt(notice: Notice, channel: Channel, logger: Logger): Promise<Outcome> {
  try {
    return await channel.deliver(notice);
  } catch (error) {
    const { event } = notice;
    const message = `the ${channel.name} channel has a fault: ${messageOf(error)}`;
    logger.error(
      { event: 'channel-fault', channel: channel.name, cause: event.id, set: event.setId, err: error },
      message,
    );
    const remedy = 'Look for channel-fault in the notifier’s log, and report what it says.';
    return { kind: 'later', reason: { code: 'channel-fault', message, remedy } };
  }
}

const gaveUp = (reason: Reason, forMs: number): Reason => ({
  ...reason,
  message: `Given up after ${duration(forMs)}. The last try: ${reason.message}`,
});

async function settle(note: Note, deps: DeliverDeps): Promise<Delivery> {
  const { logger } = deps;
  const stored = await storeNote(note, deps);
  const { channel, recipient, cause, tries } = note.data;
  const about = { channel, recipient, cause, set: note.setId, tries };
  if (stored === 'conflict') {
    logger.warn(
      { event: 'noted-before', ...about },
      `another notifier had already noted what became of ${cause} by ${channel}: a repeat may have gone out`,
    );
  } else if (note.name === 'NotificationSent') {
    logger.info({ event: 'sent', ...about }, `${note.data.causeName} sent by ${channel} to ${recipient}`);
  } else {
    const { code, message, remedy } = note.data;
    logger.error(
      { event: 'not-sent', ...about, code, remedy },
      `could not be sent by ${channel}: ${message}`,
    );
  }
  for (const { message, ...one } of (note.name === 'NotificationSent' && note.data.notTold) || []) {
    const entry = { event: 'not-told', ...about, ...one };
    logger.error(entry, `could not be sent to ${one.recipient} by ${channel}: ${message}`);
  }
  return { settled: true };
}
