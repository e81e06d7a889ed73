/** The notes in the log about notifications: one for each causing event and channel. */
import { type EventContext, type EventOf, newEvent, type Reason } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import { backoffDelayMs, type Logger, sleep } from '@setlist/runtime';
import type { Channel, Notice, Outcome } from './domain/channel.ts';

export type Note = EventOf<'NotificationSent'> | EventOf<'NotificationFailed'>;
type Sent = Outcome & { readonly kind: 'sent' };

export function sentNote(notice: Notice, channel: Channel, tries: number, sent: Sent): Note {
  const { messageId, recipient = channel.recipient, notTold = [] } = sent;
  const data = {
    ...subjectMatter(notice, channel, tries),
    recipient,
    ...(messageId === undefined ? {} : { messageId }),
    ...(notTold.length === 0 ? {} : { notTold: [...notTold] }),
  };
  return newEvent('NotificationSent', data, contextOf(notice));
}

export function failedNote(notice: Notice, channel: Channel, tries: number, reason: Reason): Note {
  return newEvent(
    'NotificationFailed',
    { ...subjectMatter(notice, channel, tries), ...reason },
    contextOf(notice),
  );
}

const subjectMatter = ({ event }: Notice, { name, recipient }: Channel, tries: number) => ({
  channel: name,
  recipient,
  cause: event.id,
  causeName: event.name,
  // At least 1, also for a message that was too old to try, or whose channel rested because of another message's try.
  tries: Math.max(1, tries),
});

function contextOf({ event }: Notice): EventContext {
  return {
    source: 'notifier',
    now: new Date(),
    setId: event.setId,
    causationId: event.id,
    ...(event.correlationId === undefined ? {} : { correlationId: event.correlationId }),
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
  };
}

const RETRY = { baseMs: 500, capMs: 30_000 };

/**
 * Stores a note on a subject that holds only one, however long that takes: the channel already has the message, and
 * without the note it would be sent again.
 * @returns `conflict` if there already was a note by another notifier: the message may have gone out twice
 */
export async function storeNote(
  note: Note,
  deps: { log: Pick<EventLog, 'append'>; logger: Logger; random: () => number },
): Promise<'stored' | 'conflict'> {
  for (let failures = 1; ; failures++) {
    try {
      const appended = await deps.log.append(note, { lastSeq: 0 });
      // Two notes about one message have the same id. After a failed try, the one in the log may be ours.
      const isOthers = failures === 1 && appended.kind === 'stored' && appended.already;
      return isOthers ? 'conflict' : appended.kind;
    } catch (error) {
      const message = 'a message was handed to its channel, but the note could not be stored yet';
      deps.logger.error({ event: 'note-not-stored', note: note.id, set: note.setId, err: error }, message);
      await sleep(backoffDelayMs(failures, { ...RETRY, random: deps.random }));
    }
  }
}
