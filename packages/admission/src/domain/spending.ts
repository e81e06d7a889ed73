/** What has been paid to Polly this month according to the log, and what open sets may still cost. */
import { DigestTable, digestOf, type EventData, type SetlistEvent } from '@setlist/contracts';
import { ENGINES, type Engine, LIMITS, type Operation } from '@setlist/polly';
import { type Characters, NO_CHARACTERS, sumOf } from './prices.ts';

/** An event and when the broker stored it. */
export interface Dated {
  readonly event?: SetlistEvent;
  readonly time: Date;
}

/** The spending of a calendar month, in UTC, by the broker's clock. */
export interface Position {
  readonly spent: Characters;
  /**
   * By set: what it wanted to pay for when it was accepted, less what it has paid since; where it has ended, no more
   * than its calls and tasks under way can cost.
   */
  readonly open: ReadonlyMap<string, Characters>;
  /** Whether a set is known to be accepted. */
  knows(setId: string): boolean;
}

interface PaidSet {
  /** The most that the set may pay, by engine. */
  readonly most: Characters;
  readonly acceptedAt: Date;
  ended: boolean;
  /** The sounds that it has paid for; forgotten when it ends, so that memory grows only with open sets. */
  paidFor?: DigestTable | undefined;
}

/** The open and the accepted sets at one moment, unaffected by later events. */
export interface Standing {
  readonly open: ReadonlyMap<string, Pick<PaidSet, 'most'>>;
  /** When the first of the open sets was accepted. */
  readonly openSince: Date | undefined;
  readonly known: ReadonlySet<string>;
}

/** What was paid for a set. */
interface Payments {
  readonly byMonth: Map<string, Characters>;
  /** The first payment for each of its sounds: another one leaves what the set still wants as it was. */
  first: Characters;
  /** Whether the payments themselves name Polly, which they have to where the set's life is archived. */
  toPolly: boolean;
}

/** A sound that is being paid for. */
interface Claim {
  readonly set: string;
  /** The broker's clock, ms since 1970. */
  readonly until: number;
  /** The most characters that can be billed: the claim does not say how many the text has. */
  readonly most: number;
}

type Claimed = Pick<EventData<'SoundClaimed'>, 'hash' | 'for' | 'until'>;

/** `2026-11`. */
const monthOf = (time: Date): string => time.toISOString().slice(0, 7);

/**
 * Folds sets' lives and sounds' payments, each in its own order and independently. Payments are kept by set: where they
 * don't name the provider, the set's life does.
 */
export class Spending {
  readonly #sets = new Map<string, PaidSet>();
  readonly #paid = new Map<string, Payments>();
  /** By hash. A set that is cancelled still pays for what is under way. */
  readonly #claims = new Map<string, Claim>();
  /** What Polly billed for useless audio, by month: it does not reduce what a set still wants. */
  readonly #inVain = new Map<string, Characters>();

  /** Folds an event of a set's life. */
  life({ event, time }: Dated): void {
    const setId = event?.setId;
    if (setId === undefined) return;
    if (event?.name === 'SetAccepted') {
      if (event.data.provider === 'polly') {
        this.#sets.set(setId, { most: mostOf(event.data), acceptedAt: time, ended: false });
      }
      return;
    }
    const set = this.#sets.get(setId);
    if (set === undefined) return;
    if (event?.name === 'SetCompleted' || event?.name === 'SetCancelled') {
      set.ended = true;
      set.paidFor = undefined;
    }
    // Failed items may still be paid for, up to what the set originally wanted.
    if (event?.name === 'SetRetried') set.ended = false;
  }

  /** Folds an event of a sound's life. */
  sound({ event, time }: Dated): void {
    if (event?.name === 'SoundClaimed') this.#claimed(event.data, event.data.operation);
    if (event?.name === 'SoundTaskStarted') this.#claimed(event.data, 'task');
    if (event?.name === 'SoundFreed') this.#freed(event.data, time);
    if (event?.name === 'SoundPaid') this.#paidFor(event.data, time);
  }

  #claimed({ hash, for: item, until }: Claimed, operation: Operation): void {
    const most = LIMITS[operation].billed;
    this.#claims.set(hash, { set: item.set, until: Date.parse(until), most });
  }

  #freed({ hash, inVain }: EventData<'SoundFreed'>, time: Date): void {
    this.#claims.delete(hash);
    // Earlier versions did not record it.
    if (inVain?.provider !== 'polly') return;
    add(this.#inVain, monthOf(time), { [inVain.lane]: inVain.billedCharacters });
  }

  /** A payment without an item is a user's own audio, which was not paid for here. */
  #paidFor({ hash, for: item, lane, billedCharacters, provider }: EventData<'SoundPaid'>, time: Date): void {
    this.#claims.delete(hash);
    if (item === undefined || billedCharacters === 0) return;
    const { set } = item;
    const paid = this.#paid.get(set) ?? { byMonth: new Map(), first: NO_CHARACTERS, toPolly: false };
    const characters = { [lane]: billedCharacters };
    add(paid.byMonth, monthOf(time), characters);
    if (this.#isFirst(set, hash)) paid.first = sumOf(paid.first, characters);
    paid.toPolly ||= provider === 'polly';
    this.#paid.set(set, paid);
  }

  /** Whether this is the first payment of an open set for the sound; those of other sets all count as first. */
  #isFirst(setId: string, hash: string): boolean {
    const set = this.#sets.get(setId);
    if (set === undefined || set.ended) return true;
    set.paidFor ??= new DigestTable();
    return set.paidFor.add(digestOf(hash), 1) === undefined;
  }

  /** The sets at this moment, for `position` to use once the payments up to this moment are folded too. */
  standing(): Standing {
    const open = new Map([...this.#sets].filter(([, { ended }]) => !ended));
    const accepted = [...open.values()].map(({ acceptedAt }) => acceptedAt.getTime());
    const openSince = accepted.length === 0 ? undefined : new Date(accepted.reduce((a, b) => Math.min(a, b)));
    return { open, openSince, known: new Set(this.#sets.keys()) };
  }

  position(now: Date, { open: openThen, known }: Standing = this.standing()): Position {
    const month = monthOf(now);
    const toPolly = [...this.#paid].filter(([id, paid]) => paid.toPolly || this.#sets.has(id));
    const months = [this.#inVain, ...toPolly.map(([, { byMonth }]) => byMonth)];
    const spent = sumOf(...months.map((byMonth) => byMonth.get(month) ?? NO_CHARACTERS));
    const open = new Map<string, Characters>();
    for (const id of openThen.keys()) open.set(id, this.#restOf(id));
    for (const [id, most] of this.#underWay(now.getTime()))
      if (known.has(id) && !open.has(id)) open.set(id, atMost(most, this.#restOf(id)));
    return { spent, open, knows: (setId) => known.has(setId) };
  }

  /** What the set wanted and has not paid for. */
  #restOf(setId: string): Characters {
    const most = this.#sets.get(setId)?.most ?? NO_CHARACTERS;
    return lessOf(most, this.#paid.get(setId)?.first ?? NO_CHARACTERS);
  }

  /** By set: the most characters that its claims can still be billed. Forgets claims that have expired. */
  #underWay(now: number): ReadonlyMap<string, number> {
    const bySet = new Map<string, number>();
    for (const [hash, { set, until, most }] of this.#claims) {
      if (until <= now) this.#claims.delete(hash);
      else bySet.set(set, (bySet.get(set) ?? 0) + most);
    }
    return bySet;
  }
}

function add(byMonth: Map<string, Characters>, month: string, more: Characters): void {
  byMonth.set(month, sumOf(byMonth.get(month) ?? NO_CHARACTERS, more));
}

/** What was not paid for when the set was accepted; everything where the acceptance does not say. */
function mostOf({ unpaid, lanes }: EventData<'SetAccepted'>): Characters {
  return sumOf(...(unpaid ?? lanes).map(({ lane, billedCharacters }) => ({ [lane]: billedCharacters })));
}

function lessOf(most: Characters, paid: Characters): Characters {
  const rest: Partial<Record<Engine, number>> = {};
  for (const engine of ENGINES) {
    const left = (most[engine] ?? 0) - (paid[engine] ?? 0);
    if (left > 0) rest[engine] = left;
  }
  return rest;
}

/** So many characters at most of each engine: a claim does not say which it is for. */
function atMost(most: number, characters: Characters): Characters {
  const limited: Partial<Record<Engine, number>> = {};
  for (const engine of ENGINES) {
    const count = characters[engine];
    if (count !== undefined) limited[engine] = Math.min(count, most);
  }
  return limited;
}
