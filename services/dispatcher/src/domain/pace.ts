/** How fast calls and tasks of one engine go, and whether a task begun now would end before the calls alone. */

/** Until one has ended here, a task is taken to need this long, in ms. */
const TASK_MS_AT_FIRST = 10_000;
/** How much the newest task counts. */
const NEWEST = 0.2;
/** So many ends of calls, and at most so much time, tell how fast calls go here. */
const CALLS_SEEN = 64;
const SEEN_FOR_MS = 10_000;
/** Fewer tell nothing of the share that this replica has of a quota. */
const FEWEST_SEEN = 8;
/** After a task was refused, calls alone go on for so long, in ms. */
const REST_AFTER_REFUSAL_MS = 60_000;

export class Pace {
  readonly #quotaRps: number | undefined;
  #taskMs = TASK_MS_AT_FIRST;
  #restsUntil = 0;
  #ends: number[] = [];

  /** @param quotaRps calls a second that the quota allows over all replicas; nothing where there is none */
  constructor(quotaRps?: number) {
    this.#quotaRps = quotaRps;
  }

  /**
   * @param now in ms, on any clock that never jumps, here and below
   * @param moreWait whether other items wait for a call here: where none do, calls tell nothing of how fast they could go
   */
  callEnded(now: number, moreWait: boolean): void {
    if (!moreWait) this.#ends = [];
    this.#ends.push(now);
    if (this.#ends.length > CALLS_SEEN) this.#ends.shift();
  }

  /** @param tookMs from its turn until its audio was here */
  taskEnded(tookMs: number): void {
    this.#taskMs += NEWEST * (tookMs - this.#taskMs);
  }

  taskRefused(now: number): void {
    this.#restsUntil = now + REST_AFTER_REFUSAL_MS;
  }

  /**
   * Whether a task begun now for the last of a set's items ends no later than calls alone would. What waits here is
   * called for at this replica's own rate, which is a part of the quota where there are several.
   */
  isTaskInTime({ here, untaken, share, now }: WhatWaits): boolean {
    if (now < this.#restsUntil) return false;
    const own = this.#seenPerSecond(now);
    // Without a measure there is no reason for a task.
    const all = this.#quotaRps ?? own ?? Number.POSITIVE_INFINITY;
    const seconds = Math.max((here + untaken) / all, own === undefined ? 0 : here / own);
    return (seconds * 1_000) / share >= this.#taskMs;
  }

  #seenPerSecond(now: number): number | undefined {
    const seen = this.#ends.filter((end) => end > now - SEEN_FOR_MS);
    const [first] = seen;
    if (first === undefined || seen.length < FEWEST_SEEN) return undefined;
    return (seen.length - 1) / (Math.max(1, now - first) / 1_000);
  }
}

/** Of one set. */
export interface WhatWaits {
  /** How many items wait for a call in this replica. */
  readonly here: number;
  /** How many requests no replica has taken yet. */
  readonly untaken: number;
  /** The set's share of this engine's calls, 0 to 1. */
  readonly share: number;
  readonly now: number;
}
