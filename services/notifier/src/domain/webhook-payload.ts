/** A webhook's payload by the Standard Webhooks specification: type, time and data, mainly for programs. */
import { hash } from 'node:crypto';
import type { Notice } from './channel.ts';
import { STATE_OF } from './notice-kind.ts';

/** The most problems in a payload, since the specification advises small ones; the report has more. */
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

/** The greatest length of an id: proxies refuse longer headers. */
const LONGEST_ID = 200;

/**
 * The id for all tries: the causing event's id and the channel's name, without full stops, which separate the parts of
 * the signed content.
 */
export function webhookId(eventId: string, channel: string): string {
  const id = `${eventId}/${channel}`.replaceAll('/', '_').replace(/[^\w-]/g, '-');
  if (id.length <= LONGEST_ID) return id;
  return hash('sha256', `${eventId}/${channel}`);
}
