/** Which process is killed when: everything follows from a seed, so that anyone can meet the same moments again. */
import type { EventName } from '@setlist/contracts';

export const VICTIMS = [
  'ingest',
  'dispatcher A',
  'dispatcher B',
  'tracker',
  'notifier',
  'nats-server',
] as const;
export type Victim = (typeof VICTIMS)[number];

/** Items of each set: the long ones go by a task, the short ones by SynthesizeSpeech, or by either where the set lets them. */
const SHORT_ITEMS = 200;
export const LONG_ITEMS = 100;
export const ITEMS = SHORT_ITEMS + LONG_ITEMS;

export type Trigger =
  /** After that share of the time that an undisturbed set takes, from the drop of its file. */
  | { readonly kind: 'time'; readonly share: number }
  /** As soon as so many events of that name are in the log since the drop. */
  | { readonly kind: 'event'; readonly name: EventName; readonly nth: number }
  /** When the mail server has the mail, and its sender does not know yet. */
  | { readonly kind: 'mail' };

export interface Moment {
  /** From 1. */
  readonly number: number;
  readonly victim: Victim;
  readonly trigger: Trigger;
  /** Whether its set lets short items go by either path. */
  readonly bothPaths: boolean;
}

/** How many events of a name a set of {@link ITEMS} brings at the least. */
const AT_LEAST = {
  SetAccepted: 1,
  ItemRequested: ITEMS,
  SoundClaimed: ITEMS,
  SoundTaskStarted: LONG_ITEMS,
  SoundPaid: ITEMS,
  ItemCompleted: ITEMS,
  SetCompleted: 1,
} as const satisfies Partial<Record<EventName, number>>;
type Awaited = keyof typeof AT_LEAST | 'mail';

const PAYING = ['SoundClaimed', 'SoundTaskStarted', 'SoundPaid', 'ItemCompleted'] as const;
/** The events at which a victim has something in its hands. */
const WORTH_MEETING: Readonly<Record<Victim, readonly Awaited[]>> = {
  ingest: ['SetAccepted', 'ItemRequested', 'ItemRequested'],
  'dispatcher A': PAYING,
  'dispatcher B': PAYING,
  tracker: ['SetAccepted', 'ItemCompleted', 'SetCompleted'],
  notifier: ['SetCompleted', 'mail'],
  'nats-server': ['SetAccepted', 'ItemRequested', ...PAYING, 'SetCompleted', 'mail'],
};

/**
 * One moment of a seed; it does not depend on how many others are drawn. Of six moments in a row each victim has one,
 * in random order; every other moment is one of time, the rest are met by events. Of four in a row two are of sets by both
 * paths: one met by time, one by an event.
 */
export function momentOf(seed: number, number: number): Moment {
  const round = Math.floor((number - 1) / VICTIMS.length);
  const order = shuffled(VICTIMS, randomNumbers(mixed(seed, -1 - round)));
  const victim = order[(number - 1) % VICTIMS.length] ?? VICTIMS[0];
  const chance = randomNumbers(mixed(seed, number));
  const moment = { number, victim, bothPaths: number % 4 >= 2 };
  if (number % 2 === 1) return { ...moment, trigger: { kind: 'time', share: chance() } };
  const name = pick(WORTH_MEETING[victim], chance);
  if (name === 'mail') return { ...moment, trigger: { kind: 'mail' } };
  return { ...moment, trigger: { kind: 'event', name, nth: 1 + Math.floor(chance() * AT_LEAST[name]) } };
}

export function describeMoment({ number, victim, trigger, bothPaths }: Moment): string {
  const set = bothPaths ? 'by both paths, ' : '';
  return `moment ${number}: ${set}kill -9 of ${victim} ${describeTrigger(trigger)}`;
}

function describeTrigger(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'time':
      return `after ${(100 * trigger.share).toFixed(1)} % of a set's time`;
    case 'event':
      return `at ${trigger.name} number ${trigger.nth}`;
    case 'mail':
      return 'between the mail and its note';
    default:
      return trigger satisfies never;
  }
}

function pick<T>(choices: readonly T[], chance: () => number): T {
  const picked = choices[Math.floor(chance() * choices.length)];
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}

function shuffled<T>(items: readonly T[], chance: () => number): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(chance() * left.length), 1));
}

/** Mulberry32: numbers from 0 to below 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One seed out of two numbers, so that neighbours have nothing in common. */
const mixed = (seed: number, stream: number): number =>
  Math.imul(seed ^ Math.imul(stream, 0x9e3779b1), 0x85ebca6b) ^ (stream << 13);
