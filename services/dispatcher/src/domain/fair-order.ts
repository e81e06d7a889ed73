/** Whose turn it is: stride scheduling, so that no set starves another and priorities weigh in proportion. */
import type { Priority } from '@setlist/contracts';

/** How often a set's turn comes, in proportion. */
export const WEIGHTS: Readonly<Record<Priority, number>> = { high: 4, normal: 2, low: 1 };

/** The turns of a changing group. Each turn moves its owner back by the inverse of its weight. */
export class FairOrder<T> {
  readonly #pass = new Map<T, { pass: number; weight: number }>();
  #now = 0;

  /**
   * Joins as if it had just had a turn: a newcomer neither brings a past nor goes before those who wait, or sets of a
   * few items that keep coming would leave a long one without a turn.
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

  /** Which share of the turns each member has among those that are ready, 0 to 1. */
  shares(isReady: (member: T) => boolean): (member: T) => number {
    let all = 0;
    for (const [member, { weight }] of this.#pass) if (isReady(member)) all += weight;
    return (member) => (all === 0 ? 1 : Math.min(1, (this.#pass.get(member)?.weight ?? 0) / all));
  }

  /** Takes the turn of whoever waited longest among those that are ready; nothing when none is. */
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
      // Who was idle does not hoard turns: it goes on from the present.
      this.#now = Math.max(this.#now, entry.pass);
      entry.pass = this.#now + 1 / entry.weight;
    }
    return chosen;
  }
}
