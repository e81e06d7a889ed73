/** How fast calls and tasks of one engine go, and whether a task begun now would end before the calls alone. */

/** Until one has ended here, a task is taken to need this long, in ms. */
const TASK_MS_AT_FIRST = 10_000;
/** How much the newest task counts. */
const NEWEST = 0.2;
/** So many ends of calls, and at most so much time, tell the rate where no quota does. */
const CALLS_SEEN = 64;
const SEEN_FOR_MS = 10_000;
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

  /** `now` in ms, on any clock that never jumps, here and below. */
  callEnded(now: number): void {
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
   * Whether a task begun now for the last of a set's items ends no later than calls alone would.
   * @param waiting how many of the set's items wait for a call
   * @param share the set's share of this engine's calls, 0 to 1
   */
  isTaskInTime({ waiting, share, now }: { waiting: number; share: number; now: number }): boolean {
    if (now < this.#restsUntil) return false;
    return (waiting * 1_000) / (this.#callsPerSecond(now) * share) >= this.#taskMs;
  }

  #callsPerSecond(now: number): number {
    if (this.#quotaRps !== undefined) return this.#quotaRps;
    const seen = this.#ends.filter((end) => end > now - SEEN_FOR_MS);
    const [first] = seen;
    // Without a measure there is no reason for a task.
    if (first === undefined || seen.length < 2) return Number.POSITIVE_INFINITY;
    return (seen.length - 1) / (Math.max(1, now - first) / 1_000);
  }
}
