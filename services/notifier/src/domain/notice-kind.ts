/** Which events are announced to people, and the kind of notice that each one makes. */
import type { EventOf, SetlistEvent } from '@setlist/contracts';

const NOTABLE = ['SetRejected', 'SetCompleted', 'SetStalled', 'SetUnstalled', 'SetCancelled'] as const;

/** An event of a set's life that is announced to people, with its set. */
export type NotableEvent = { [N in (typeof NOTABLE)[number]]: EventOf<N> }[(typeof NOTABLE)[number]] & {
  readonly setId: string;
};

export const isNotable = (event: SetlistEvent): event is NotableEvent =>
  event.setId !== undefined && NOTABLE.some((name) => name === event.name);

/** Each kind has a template of the same name, and a channel can be limited to some kinds. */
export const NOTICE_KINDS = [
  'rejected',
  'over-budget',
  'completed',
  'completed-with-failures',
  'stalled',
  'moving',
  'cancelled',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** The codes of problems about cost. */
const ABOUT_MONEY: ReadonlySet<string> = new Set(['budget', 'over-budget', 'monthly-cap']);

export function kindOf(event: NotableEvent): NoticeKind {
  switch (event.name) {
    case 'SetRejected':
      return event.data.problems.every(({ code }) => ABOUT_MONEY.has(code)) ? 'over-budget' : 'rejected';
    case 'SetCompleted':
      return event.data.counts.failed === 0 ? 'completed' : 'completed-with-failures';
    case 'SetStalled':
      return 'stalled';
    case 'SetUnstalled':
      return 'moving';
    case 'SetCancelled':
      return 'cancelled';
    default:
      return event satisfies never;
  }
}

/** The set's state after the notice's event, for machines. */
export const STATE_OF: Readonly<Record<NoticeKind, string>> = {
  rejected: 'rejected',
  'over-budget': 'rejected',
  completed: 'completed',
  'completed-with-failures': 'completed',
  stalled: 'stalled',
  moving: 'running',
  cancelled: 'cancelled',
};
