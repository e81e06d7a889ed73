/** What a webhook says, by the Standard Webhooks specification: a type, a time, and data; for programs more than for people. */
import { hash } from 'node:crypto';
import type { Notice } from './channel.ts';
import { STATE_OF } from './notice-kind.ts';

/** The specification advises to stay small; more problems than this stand in the report. */
const PROBLEMS_SHOWN = 50;

/** `set.completed-with-failures`; `data.event` is the causing event's own data, as docs/events.md describes it. */
export function webhookPayload({ kind, event, letter }: Notice): string {
  const { subject, lead, link } = letter;
  const data =
    event.name === 'SetRejected'
      ? { ...event.data, problems: event.data.problems.slice(0, PROBLEMS_SHOWN) }
      : event.data;
  return JSON.stringify({
    type: `set.${kind}`,
    timestamp: event.time,
    data: {
      setId: event.setId,
      state: STATE_OF[kind],
      subject,
      message: lead,
      ...(link ? { link: link.url } : {}),
      cause: { id: event.id, name: event.name },
      event: data,
    },
  });
}

/** Longer ones would be refused by proxies as headers. */
const LONGEST_ID = 200;

/**
 * The same over all tries: the causing event's id and the channel's name. Without full stops, which part the signed
 * content.
 */
export function webhookId(eventId: string, channel: string): string {
  const id = `${eventId}/${channel}`.replaceAll('/', '_').replace(/[^\w-]/g, '-');
  if (id.length <= LONGEST_ID) return id;
  return hash('sha256', `${eventId}/${channel}`);
}
