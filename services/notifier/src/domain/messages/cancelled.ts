/** The letter about a set that someone cancelled. */
import type { EventOf } from '@setlist/contracts';
import type { Letter } from './letter.ts';
import { progressOf } from './set-parts.ts';
import { number, plural } from './wording.ts';

export function cancelledLetter(event: EventOf<'SetCancelled'>, setId: string): Letter {
  const { set, counts, who, why } = event.data;
  return {
    subject: `Setlist: ${set.name} was cancelled, ${number(counts.completed)} of ${plural(counts.total, 'item')} completed`,
    title: set.name,
    ...(set.description === undefined ? {} : { description: set.description }),
    status: { label: 'Cancelled', tone: 'plain' },
    lead: `Your Amazon Polly batch set ${set.name} was cancelled by ${who}. Nothing further is paid for; what was made is kept in ${set.location}.`,
    progress: progressOf(counts),
    facts: [
      { label: 'Cancelled by', value: who },
      ...(why === undefined ? [] : [{ label: 'Because', value: why }]),
      { label: 'Files so far', value: set.location },
    ],
    next: [
      { what: 'See how far it came:', command: `setlist status ${setId}` },
      {
        what: 'To have the rest after all, hand the set file in again. What is already paid for is not paid for again:',
        command: 'setlist submit FILE',
      },
    ],
    setId,
  };
}
