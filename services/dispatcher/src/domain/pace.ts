/** How fast one engine's calls and tasks go, and whether a task started now would end no later than calls alone. */

/** How long a task is assumed to take at most, in ms, until one has ended here. */
const TASK_MS_AT_FIRST = 10_000;
/**
 * The rest as RFC 6298 bounds a round trip: weights of the newest task in the average and in the mean deviation from it, and
 * how many deviations above the average still count.
 */
const NEWEST = 1 / 8;
const NEWEST_DEVIATION = 1 / 4;
const DEVIATIONS = 4;
/** The most calls, and the longest time in ms, that the rate of calls here is measured over. */
const CALLS_SEEN = 16;
const SEEN_FOR_MS = 10_000;
/** The fewest calls that show this replica's share of a quota. */
const FEWEST_SEEN = 8;
/** How long to use calls alone after a task was refused, in ms. */
const REST_AFTER_REFUSAL_MS = 60_000;

export class Pace {
  readonly #quotaRps: number | undefined;
  #task: { readonly averageMs: number; readonly deviationMs: number } | undefined;
  #restsUntil = 0;
  #ends: number[] = [];

  /** @param quotaRps calls per second that the quota allows all replicas together; undefined without a quota */
  constructor(quotaRps?: number) {
    this.#quotaRps = quotaRps;
  }

  /**
   * @param now in ms, by any monotonic clock, here and below
   * @param moreWait whether other items wait for a call here: if none do, calls don't show how fast they could go
   */
  callEnded(now: number, moreWait: boolean): void {
    if (!moreWait) this.#ends = [];
    this.#ends.push(now);
    if (this.#ends.length > CALLS_SEEN) this.#ends.shift();
  }

  /** @param tookMs from its turn until its audio was fetched */
  taskEnded(tookMs: number): void {
    const { averageMs, deviationMs } = this.#task ?? { averageMs: tookMs, deviationMs: tookMs / 2 };
    this.#task = {
      averageMs: averageMs + NEWEST * (tookMs - averageMs),
      deviationMs: deviationMs + NEWEST_DEVIATION * (Math.abs(tookMs - averageMs) - deviationMs),
    };
  }

  taskRefused(now: number): void {
    this.#restsUntil = now + REST_AFTER_REFUSAL_MS;
  }

  /**
   * Whether a task started now for the last of a set's items ends no later than calls alone would. Items that wait here
   * are called for at this replica's own rate, which is a part of the quota if there are several replicas.
   */
  isTaskInTime({ here, untaken, share, now }: WhatWaits): boolean {
    if (now < this.#restsUntil) return false;
    const own = this.#seenPerSecond(now);
    // Without a measured rate there is no reason for a task.
    const all = this.#quotaRps ?? own ?? Number.POSITIVE_INFINITY;
    const seconds = Math.max((here + untaken) / all, own === undefined ? 0 : here / own);
    return (seconds * 1_000) / share >= this.#mostTaskMs();
  }

  /** A bound that few tasks exceed: one that ends late makes the whole set end late. */
  #mostTaskMs(): number {
    if (this.#task === undefined) return TASK_MS_AT_FIRST;
    return this.#task.averageMs + DEVIATIONS * this.#task.deviationMs;
  }

  #seenPerSecond(now: number): number | undefined {
    const seen = this.#ends.filter((end) => end > now - SEEN_FOR_MS);
    const [first] = seen;
    if (first === undefined || seen.length < FEWEST_SEEN) return undefined;
    return (seen.length - 1) / (Math.max(1, now - first) / 1_000);
  }
}

/** The waiting items of one set. */
export interface WhatWaits {
  /** How many items wait for a call in this replica. */
  readonly here: number;
  /** How many requests no replica has taken yet. */
  readonly untaken: number;
  /** The set's share of this engine's calls, 0 to 1. */
  readonly share: number;
  readonly now: number;
}
