/** What has been paid to Polly this month according to the log, and what open sets may still cost. */
import { DigestTable, digestOf, type EventData, type SetlistEvent } from '@setlist/contracts';
import { ENGINES, type Engine } from '@setlist/polly';
import { type Characters, NO_CHARACTERS, sumOf } from './prices.ts';

/** An event and when the broker stored it. */
export interface Dated {
  readonly event?: SetlistEvent;
  readonly time: Date;
}

/** The spending of a calendar month, in UTC, by the broker's clock. */
export interface Position {
  readonly spent: Characters;
  /** By set: what it wanted to pay for when it was accepted, less what it has paid since. */
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

/** `2026-11`. */
const monthOf = (time: Date): string => time.toISOString().slice(0, 7);

/**
 * Folds sets' lives and sounds' payments, each in its own order and independently. Payments are kept by set: where they
 * don't name the provider, the set's life does.
 */
export class Spending {
  readonly #sets = new Map<string, PaidSet>();
  readonly #paid = new Map<string, Payments>();
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

  /** Folds an event of a sound's life. A payment without an item is a user's own audio, which was not paid for here. */
  sound({ event, time }: Dated): void {
    // Earlier versions did not record it.
    if (event?.name === 'SoundFreed' && event.data.inVain?.provider === 'polly') {
      const { lane, billedCharacters } = event.data.inVain;
      add(this.#inVain, monthOf(time), { [lane]: billedCharacters });
    }
    if (event?.name !== 'SoundPaid' || event.data.for === undefined) return;
    const { hash, lane, billedCharacters, provider } = event.data;
    if (billedCharacters === 0) return;
    const { set } = event.data.for;
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
    for (const [id, { most }] of openThen)
      open.set(id, lessOf(most, this.#paid.get(id)?.first ?? NO_CHARACTERS));
    return { spent, open, knows: (setId) => known.has(setId) };
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
