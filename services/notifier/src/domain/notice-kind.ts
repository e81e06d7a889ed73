/** Which events people are told of, and what kind of notice each of them makes. */
import type { EventOf, SetlistEvent } from '@setlist/contracts';

const NOTABLE = ['SetRejected', 'SetCompleted', 'SetStalled', 'SetUnstalled', 'SetCancelled'] as const;

/** An event of a set's life that people want to hear of, with the set that it is about. */
export type NotableEvent = { [N in (typeof NOTABLE)[number]]: EventOf<N> }[(typeof NOTABLE)[number]] & {
  readonly setId: string;
};

export const isNotable = (event: SetlistEvent): event is NotableEvent =>
  event.setId !== undefined && NOTABLE.some((name) => name === event.name);

/** Each has a template of its name, and a channel may be limited to some of them. */
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

/** Codes of problems by which a file is refused for what it costs. */
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

/** The state that the set is in by this, for machines. */
export const STATE_OF: Readonly<Record<NoticeKind, string>> = {
  rejected: 'rejected',
  'over-budget': 'rejected',
  completed: 'completed',
  'completed-with-failures': 'completed',
  stalled: 'stalled',
  moving: 'running',
  cancelled: 'cancelled',
};
