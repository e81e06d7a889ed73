/** What the log says has been paid to Polly this month, and what sets that are still open may yet cost. */
import type { EventData, SetlistEvent } from '@setlist/contracts';
import { ENGINES, type Engine } from '@setlist/polly';
import { type Characters, NO_CHARACTERS, sumOf } from './prices.ts';

/** An event and when the broker stored it. */
export interface Dated {
  readonly event?: SetlistEvent;
  readonly time: Date;
}

/** How a month stands; months are those of the calendar, in UTC, by the broker's clock. */
export interface Position {
  readonly spent: Characters;
  /** By set: what it wanted to pay when it was accepted, less what it has paid since. */
  readonly open: ReadonlyMap<string, Characters>;
  /** Whether a set is known to be accepted. */
  knows(setId: string): boolean;
}

interface PaidSet {
  /** The most that the set may pay, by engine. */
  readonly most: Characters;
  readonly acceptedAt: Date;
  ended: boolean;
}

/** The sets at one moment: whatever becomes of them later, these were open and these accepted. */
export interface Standing {
  readonly open: ReadonlyMap<string, Pick<PaidSet, 'most'>>;
  /** When the first of those was accepted. */
  readonly openSince: Date | undefined;
  readonly known: ReadonlySet<string>;
}

/** What was paid for a set. */
interface Payments {
  readonly byMonth: Map<string, Characters>;
  /** Whether they say themselves that Polly was paid, as they must where the set's life is in an archive. */
  toPolly: boolean;
}

/** `2026-11`. */
const monthOf = (time: Date): string => time.toISOString().slice(0, 7);

/**
 * Folds sets' lives and sounds' payments, each in its own order; neither waits for the other. Payments are kept by set,
 * whose life says who was paid where they do not.
 */
export class Spending {
  readonly #sets = new Map<string, PaidSet>();
  readonly #paid = new Map<string, Payments>();
  /** What Polly billed for nothing, by month: no set wants any less for it. */
  readonly #inVain = new Map<string, Characters>();

  /** An event of a set's life. */
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
    if (event?.name === 'SetCompleted' || event?.name === 'SetCancelled') set.ended = true;
    // What failed may still be paid for, up to what the set wanted at first.
    if (event?.name === 'SetRetried') set.ended = false;
  }

  /** An event of a sound's life. What nobody asked for, a user brought: it was not paid for here. */
  sound({ event, time }: Dated): void {
    // Earlier versions did not say it.
    if (event?.name === 'SoundFreed' && event.data.inVain?.provider === 'polly') {
      const { lane, billedCharacters } = event.data.inVain;
      add(this.#inVain, monthOf(time), { [lane]: billedCharacters });
    }
    if (event?.name !== 'SoundPaid' || event.data.for === undefined) return;
    const { lane, billedCharacters, provider } = event.data;
    if (billedCharacters === 0) return;
    const { set } = event.data.for;
    const paid = this.#paid.get(set) ?? { byMonth: new Map<string, Characters>(), toPolly: false };
    add(paid.byMonth, monthOf(time), { [lane]: billedCharacters });
    paid.toPolly ||= provider === 'polly';
    this.#paid.set(set, paid);
  }

  /** How the sets stand now, to reckon with once the payments up to now are folded in as well. */
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
      open.set(id, lessOf(most, sumOf(...(this.#paid.get(id)?.byMonth.values() ?? []))));
    return { spent, open, knows: (setId) => known.has(setId) };
  }
}

function add(byMonth: Map<string, Characters>, month: string, more: Characters): void {
  byMonth.set(month, sumOf(byMonth.get(month) ?? NO_CHARACTERS, more));
}

/** What was not paid for at its acceptance; all of it where nobody had asked. */
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
