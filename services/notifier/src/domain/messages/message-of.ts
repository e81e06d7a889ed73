/** Which events people are told of, and the message for each. */
import type { EventOf, SetlistEvent } from '@setlist/contracts';
import { cancelledLetter } from './cancelled.ts';
import { completedLetter } from './completed.ts';
import type { Letter, Message } from './letter.ts';
import { letterHtml } from './letter-html.ts';
import { letterText } from './letter-text.ts';
import { rejectedLetter } from './rejected.ts';
import { stalledLetter, unstalledLetter } from './stalled.ts';
import { harmless, shorten } from './wording.ts';

const NOTABLE = ['SetRejected', 'SetCompleted', 'SetStalled', 'SetUnstalled', 'SetCancelled'] as const;

/** An event of a set's life that people want to hear of, with the set that it is about. */
export type NotableEvent = { [N in (typeof NOTABLE)[number]]: EventOf<N> }[(typeof NOTABLE)[number]] & {
  readonly setId: string;
};

export const isNotable = (event: SetlistEvent): event is NotableEvent =>
  event.setId !== undefined && NOTABLE.some((name) => name === event.name);

/** The same event always gives the same message. */
export function messageOf(event: NotableEvent): Message {
  const letter = letterOf(event);
  return {
    subject: shorten(harmless(letter.subject), 200),
    text: letterText(letter),
    html: letterHtml(letter),
  };
}

function letterOf(event: NotableEvent): Letter {
  const { setId } = event;
  switch (event.name) {
    case 'SetRejected':
      return rejectedLetter(event, setId);
    case 'SetCompleted':
      return completedLetter(event, setId);
    case 'SetStalled':
      return stalledLetter(event, setId);
    case 'SetUnstalled':
      return unstalledLetter(event, setId);
    case 'SetCancelled':
      return cancelledLetter(event, setId);
    default:
      return event satisfies never;
  }
}
