/** Stride scheduling: no set starves another, and turns are in proportion to priorities. */
import type { Priority } from '@setlist/contracts';

/** The relative frequency of a set's turns. */
export const WEIGHTS: Readonly<Record<Priority, number>> = { high: 4, normal: 2, low: 1 };

/** The turns of a changing group. Each turn moves its member back by the inverse of its weight. */
export class FairOrder<T> {
  readonly #pass = new Map<T, { pass: number; weight: number }>();
  #now = 0;

  /**
   * Joins as if it had just had a turn. A newcomer neither catches up on missed turns nor overtakes waiting members;
   * otherwise a stream of short sets would starve a long one.
   */
  join(member: T, weight: number): void {
    this.#pass.set(member, { pass: this.#now + 1 / weight, weight });
  }

  leave(member: T): void {
    this.#pass.delete(member);
  }

  reweigh(member: T, weight: number): void {
    const entry = this.#pass.get(member);
    if (entry) entry.weight = weight;
  }

  sum(count: (member: T) => number): number {
    let sum = 0;
    for (const member of this.#pass.keys()) sum += count(member);
    return sum;
  }

  /** Each member's share of the turns among the ready members, 0 to 1. */
  shares(isReady: (member: T) => boolean): (member: T) => number {
    let all = 0;
    for (const [member, { weight }] of this.#pass) if (isReady(member)) all += weight;
    return (member) => (all === 0 ? 1 : Math.min(1, (this.#pass.get(member)?.weight ?? 0) / all));
  }

  /** Gives the turn to the ready member that has waited longest; undefined if none is ready. */
  next(isReady: (member: T) => boolean): T | undefined {
    let chosen: T | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const [member, { pass }] of this.#pass) {
      if (pass < least && isReady(member)) {
        chosen = member;
        least = pass;
      }
    }
    if (chosen === undefined) return undefined;
    const entry = this.#pass.get(chosen);
    if (entry) {
      // An idle member does not hoard turns: it continues from the present.
      this.#now = Math.max(this.#now, entry.pass);
      entry.pass = this.#now + 1 / entry.weight;
    }
    return chosen;
  }

  /** Takes back a member's last turn, which it could not use: once it is ready, it is among the next. */
  takeBack(member: T): void {
    const entry = this.#pass.get(member);
    if (entry) entry.pass -= 1 / entry.weight;
  }
}
