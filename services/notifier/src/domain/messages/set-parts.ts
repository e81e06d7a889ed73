/** What all messages about an accepted set have in common. */
import { type Counts, countOf, dollars, grouped, type SetHeader } from '@setlist/contracts';
import type { Segment } from './letter.ts';
import { isNothing } from './wording.ts';

const WAYS = [
  { kind: 'paid', label: 'paid for' },
  { kind: 'reused', label: 'reused' },
  { kind: 'recovered', label: 'recovered' },
  { kind: 'failed', label: 'failed' },
] as const;

const waiting = (counts: Counts): number => Math.max(0, counts.total - counts.completed - counts.failed);

/** The items by outcome; outcomes that no item has are omitted. */
export function segmentsOf(counts: Counts): Segment[] {
  const came = WAYS.map(({ kind, label }) => ({ kind, label, count: counts[kind] }));
  const open: Segment = { kind: 'waiting', label: 'waiting', count: waiting(counts) };
  return [...came, open].filter(({ count }) => count > 0);
}

/** How a message's reader gets to the set; each is empty if the operator hasn't set it. */
export interface Access {
  /** The set's page of the console. */
  readonly consoleUrl: string;
  /** The broker, as `--server` of the command line takes it. */
  readonly server: string;
}

export const setVariables = (setId: string, set: SetHeader, counts: Counts, access: Access) => ({
  ...access,
  setId,
  name: set.name,
  description: set.description ?? '',
  location: set.location,
  completed: grouped(counts.completed),
  failed: grouped(counts.failed),
  items: countOf(counts.total, 'item'),
  waitingItems: countOf(waiting(counts), 'item'),
});

/** The cost of a set; `cost` is empty if it is zero, as for a local set's characters, and both are if none is given. */
export const costVariables = ({
  billedCharacters,
  costUsd = '0',
}: {
  billedCharacters?: number | undefined;
  costUsd?: string | undefined;
}) => ({
  cost: isNothing(costUsd) ? '' : dollars(costUsd),
  characters: billedCharacters === undefined ? '' : countOf(billedCharacters, 'billed character'),
});
