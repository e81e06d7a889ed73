/** Parts that the letters about an accepted set have in common. */
import type { Counts, FailedItem, SetHeader } from '@setlist/contracts';
import type { Fact, FaultList, Progress, Segment } from './letter.ts';
import { dollars, isNothing, number, plural } from './wording.ts';

const WAYS = [
  { kind: 'paid', label: 'paid for' },
  { kind: 'reused', label: 'reused' },
  { kind: 'recovered', label: 'recovered' },
  { kind: 'failed', label: 'failed' },
] as const;

export const waiting = (counts: Counts): number =>
  Math.max(0, counts.total - counts.completed - counts.failed);

/** Where the items stand. */
export function progressOf(counts: Counts): Progress {
  const came = WAYS.map(({ kind, label }) => ({ kind, label, count: counts[kind] }));
  const open: Segment = { kind: 'waiting', label: 'waiting', count: waiting(counts) };
  return {
    summary: `${number(counts.completed)} of ${plural(counts.total, 'item')} completed`,
    segments: [...came, open].filter(({ count }) => count > 0),
  };
}

/** What the set cost, and what reuse spared where it spared anything. */
export function moneyFacts(money: { billedCharacters: number; costUsd: string; savedUsd: string }): Fact[] {
  const cost =
    money.billedCharacters === 0
      ? 'Nothing was paid'
      : `${dollars(money.costUsd)} for ${plural(money.billedCharacters, 'billed character')}`;
  const saved = `${dollars(money.savedUsd)} by using again what was paid for before`;
  return [
    { label: 'Cost', value: cost },
    ...(isNothing(money.savedUsd) ? [] : [{ label: 'Saved', value: saved }]),
  ];
}

export const filesFact = (set: SetHeader): Fact => ({ label: 'Files', value: set.location });

/** The failed items that the event names, and how many there are in all. */
export function failureList(failures: readonly FailedItem[], failed: number): FaultList {
  const heading =
    failures.length < failed
      ? `The first ${number(failures.length)} of ${plural(failed, 'failed item')}`
      : plural(failed, 'failed item');
  const faults = failures.map(({ index, file, message, remedy }) => ({
    where: `item ${index}, ${file}`,
    problem: message,
    remedy,
  }));
  return { heading, faults };
}
