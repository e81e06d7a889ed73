/** How fast one engine's calls and tasks go, and whether a task started now would end no later than calls alone. */

/** How long a task is assumed to take at most, in ms, until one has ended here, or none has for a while. */
const TASK_MS_AT_FIRST = 10_000;
/**
 * The rest as RFC 6298 bounds a round trip: weights of the newest task in the average and in the mean deviation from it, and
 * how many deviations above the average still count.
 */
const NEWEST = 1 / 8;
const NEWEST_DEVIATION = 1 / 4;
const DEVIATIONS = 4;
/** For how long after the last task ended the bound holds, in ms: one so high that no task is started would never fall. */
const TASKS_COUNT_FOR_MS = 300_000;
/** The most calls, and the longest time in ms, that the rate of calls here is measured over. */
const CALLS_SEEN = 16;
const SEEN_FOR_MS = 10_000;
/** The fewest calls that show this replica's share of a quota. */
const FEWEST_SEEN = 8;
/** How long to use calls alone after a task was refused for what every task would meet, in ms. */
const REST_AFTER_REFUSAL_MS = 60_000;

interface Tasks {
  readonly averageMs: number;
  /** The mean deviation from it. */
  readonly deviationMs: number;
  readonly endedAt: number;
}

const mostMs = ({ averageMs, deviationMs }: Tasks): number => averageMs + DEVIATIONS * deviationMs;

export class Pace {
  readonly #quotaRps: number | undefined;
  #tasks: Tasks | undefined;
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

  /**
   * @param tookMs from its turn until the provider said that it had ended
   * @param isLong whether its text or audio needs a task: then one in place of a call takes at most as long, perhaps much less
   */
  taskEnded(now: number, tookMs: number, isLong = false): void {
    const { averageMs, deviationMs } = this.#recentTasks(now) ?? {
      averageMs: tookMs,
      deviationMs: tookMs / 2,
    };
    const tasks = {
      averageMs: averageMs + NEWEST * (tookMs - averageMs),
      deviationMs: deviationMs + NEWEST_DEVIATION * (Math.abs(tookMs - averageMs) - deviationMs),
      endedAt: now,
    };
    if (!isLong || mostMs(tasks) < this.#mostTaskMs(now)) this.#tasks = tasks;
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
    return (seconds * 1_000) / share >= this.#mostTaskMs(now);
  }

  /** A bound that few tasks exceed: one that ends late makes the whole set end late. */
  #mostTaskMs(now: number): number {
    const tasks = this.#recentTasks(now);
    return tasks ? mostMs(tasks) : TASK_MS_AT_FIRST;
  }

  #recentTasks(now: number) {
    return this.#tasks && now - this.#tasks.endedAt < TASKS_COUNT_FOR_MS ? this.#tasks : undefined;
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
