/** The letters about a set that has stopped moving, and about one that moves again. */
import type { EventOf } from '@setlist/contracts';
import type { Letter } from './letter.ts';
import { filesFact, progressOf, waiting } from './set-parts.ts';
import { duration, moment, number, plural } from './wording.ts';

export function stalledLetter(event: EventOf<'SetStalled'>, setId: string): Letter {
  const { set, counts, since, quietMs } = event.data;
  return {
    subject: `Setlist: ${set.name} has stalled, ${plural(waiting(counts), 'item')} waiting`,
    title: set.name,
    ...(set.description === undefined ? {} : { description: set.description }),
    status: { label: 'Stalled', tone: 'bad' },
    // Word for word what users of Amazon's sample know.
    lead: `There is a problem with your Polly batch set ${set.name}. No updates have been made since ${moment(since)}.`,
    progress: progressOf(counts),
    facts: [
      { label: 'Last update', value: moment(since) },
      { label: 'Reported after', value: `${duration(quietMs)} without an update` },
      { label: 'Files so far', value: set.location },
    ],
    next: [
      { what: 'See what it waits for:', command: `setlist status ${setId}` },
      { what: 'See whether anything that it needs is missing or down:', command: 'setlist doctor' },
      {
        what: 'Nothing is lost: once the cause is gone, the set goes on by itself. A message tells when it moves again.',
      },
    ],
    setId,
  };
}

export function unstalledLetter(event: EventOf<'SetUnstalled'>, setId: string): Letter {
  const { set, counts, stalledSince } = event.data;
  return {
    subject: `Setlist: ${set.name} is moving again, ${number(counts.completed)} of ${plural(counts.total, 'item')} completed`,
    title: set.name,
    ...(set.description === undefined ? {} : { description: set.description }),
    status: { label: 'Moving again', tone: 'good' },
    lead: `Your Amazon Polly batch set ${set.name} is moving again. It had stood still since ${moment(stalledSince)}.`,
    progress: progressOf(counts),
    facts: [{ label: 'Stood still since', value: moment(stalledSince) }, filesFact(set)],
    next: [
      { what: 'Follow it to its end:', command: `setlist status ${setId} --watch` },
      { what: 'There is nothing else to do: a message tells when it is done.' },
    ],
    setId,
  };
}
