/** One message to one channel: sent once and noted in the log, put off, or given up with the reason. */
import { type Reason, subjects } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { backoffDelayMs, type Logger } from '@setlist/runtime';
import type { ChannelGate } from './channel-gate.ts';
import type { Channel, Notice, Outcome } from './domain/channel.ts';
import { duration } from './domain/messages/wording.ts';
import { failedNote, type Note, sentNote, storeNote } from './notes.ts';

export interface GatedChannel {
  readonly name: string;
  readonly channel: Channel;
  readonly gate: ChannelGate;
}

export interface DeliverDeps {
  readonly log: Pick<EventLog, 'append' | 'last' | 'clock'>;
  readonly logger: Logger;
  readonly retry: { readonly baseMs: number; readonly capMs: number; readonly forMs: number };
  readonly random: () => number;
}

export interface Try {
  /** How often the event was handed out, this time included. */
  readonly tries: number;
  /** Once aborted, nothing further is handed to a channel. */
  readonly signal: AbortSignal;
}

/** Settled: the log says what became of it, and nothing is left to do. */
export type Delivery = { readonly settled: true } | { readonly settled: false; readonly retryInMs: number };

/**
 * Sends unless the log says that this was done, then notes what became of it where only one note can stand: on the
 * subject of this event and channel, as the first. What can't be ruled out is a crash between the two: then the
 * message goes out again, under the same key, and the note's `tries` is above 1.
 */
export async function deliver(
  notice: Notice,
  { channel, gate }: GatedChannel,
  { tries, signal }: Try,
  deps: DeliverDeps,
): Promise<Delivery> {
  const { event, storedAt } = notice;
  if (await deps.log.last(subjects.notice(event.setId, event.id, channel.name))) return { settled: true };
  const outcome = await gate.pass(() => attempt(notice, channel, deps.logger), signal);
  // Told to stop before its turn came: another replica, or the next start, takes it at once.
  if (outcome === undefined) return { settled: false, retryInMs: 0 };
  if (outcome.kind === 'sent') return settle(sentNote(notice, channel, tries, outcome), outcome, deps);
  if (outcome.kind === 'refused') {
    return settle(failedNote(notice, channel, tries, outcome.reason), outcome, deps);
  }
  const { retry, random } = deps;
  const leftMs = storedAt.getTime() + retry.forMs - deps.log.clock.now();
  if (leftMs <= 0) {
    return settle(failedNote(notice, channel, tries, gaveUp(outcome.reason, retry.forMs)), outcome, deps);
  }
  const waitMs =
    outcome.kind === 'down'
      ? gate.restsForMs() + random() * retry.baseMs
      : backoffDelayMs(tries, { ...retry, random });
  return { settled: false, retryInMs: Math.ceil(Math.min(waitMs, leftMs)) };
}

/** A channel that throws has a fault of its own; the message is not lost over it. */
async function attempt(notice: Notice, channel: Channel, logger: Logger): Promise<Outcome> {
  try {
    return await channel.deliver(notice);
  } catch (error) {
    const message = `the ${channel.name} channel has a fault: ${error instanceof Error ? error.message : error}`;
    logger.error(
      { event: 'channel-fault', channel: channel.name, cause: notice.event.id, err: error },
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

async function settle(note: Note, outcome: Outcome, deps: DeliverDeps): Promise<Delivery> {
  const { logger } = deps;
  const stored = await storeNote(note, deps);
  const { channel, recipient, cause, tries } = note.data;
  const about = { channel, recipient, cause, tries };
  if (stored === 'conflict') {
    logger.warn(
      { event: 'noted-before', ...about },
      `${cause} had been told by ${channel} before: a repeat went out`,
    );
  } else if (note.name === 'NotificationSent') {
    logger.info({ event: 'sent', ...about }, `${note.data.causeName} told by ${channel} to ${recipient}`);
  } else {
    const { code, message, remedy } = note.data;
    logger.error({ event: 'not-sent', ...about, code, remedy }, `not told by ${channel}: ${message}`);
  }
  for (const { code, message, remedy } of (outcome.kind === 'sent' && outcome.notTold) || []) {
    logger.error({ event: 'not-told', ...about, code, remedy }, message);
  }
  return { settled: true };
}
