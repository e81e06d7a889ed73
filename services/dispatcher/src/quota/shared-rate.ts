/** One rate for all replicas: time slots, reserved by compare-and-set on one small document. */

import type { BrokerClock, Documents } from '@setlist/eventlog';
import { sleep } from '@setlist/runtime';
import {
  freshRate,
  isOfLater,
  isOutOfReach,
  LEASE_MS,
  lowered,
  type RateLimit,
  type RateState,
  type Reservation,
  reserve,
  STALE_AFTER_MS,
} from '../domain/gcra.ts';

/** Where the shared state is kept, and the clock that its times refer to. */
export interface SharedRateDeps {
  readonly documents: Documents;
  readonly clock: BrokerClock;
  readonly key: string;
}

/** The longest wait before the shared state is read again: the broker's clock may have gone back meanwhile. */
const LONGEST_LOOK_MS = 1_000;

/** Gives out the times at which calls can be made. */
export class SharedRate {
  readonly #deps: SharedRateDeps;
  readonly #limit: RateLimit;
  #slots: number[] = [];
  #waiting = 0;
  /** How many more calls the burst would have allowed at once after the last reservation. */
  #spare = 0;
  #reserving: Promise<number> | undefined;

  constructor(deps: SharedRateDeps, limit: RateLimit) {
    this.#deps = deps;
    this.#limit = limit;
  }

  /**
   * Waits for a slot, and until it is due; false if the signal aborts first.
   * @param backlog how many calls wait here, including this one
   */
  async acquire(signal: AbortSignal, backlog = 1): Promise<boolean> {
    try {
      const slot = await this.#slot(signal, backlog);
      if (slot === undefined) return false;
      const dueInMs = Math.ceil(slot - this.#deps.clock.now());
      if (dueInMs > 0) await sleep(dueInMs, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      throw error;
    }
  }

  async #slot(signal: AbortSignal, backlog: number): Promise<number | undefined> {
    this.#waiting++;
    try {
      while (!signal.aborted) {
        const slot = this.#slots.shift();
        if (slot === undefined) {
          const inMs = await this.#reserveMore(backlog);
          if (inMs > 0) await sleep(Math.min(inMs, LONGEST_LOOK_MS), signal);
          continue;
        }
        const now = this.#deps.clock.now();
        if (slot >= now - STALE_AFTER_MS && !isOutOfReach(slot, now)) return slot;
      }
      return undefined;
    } finally {
      this.#waiting--;
    }
  }

  /** How many more calls could be made at once, by the shared state as last read and the unused slots here. */
  spare(): number {
    const now = this.#deps.clock.now();
    return this.#spare + this.#slots.filter((slot) => slot <= now).length;
  }

  /** Lowers the rate for all replicas, after a call was throttled. */
  async slowDown(): Promise<void> {
    this.#slots = [];
    this.#spare = 0;
    await this.#change((state, now) => lowered(state, this.#limit, now));
  }

  /** One reservation serves every waiting call in this process. @returns in how many ms to try again; 0 for at once */
  #reserveMore(backlog: number): Promise<number> {
    this.#reserving ??= this.#reserve(backlog).finally(() => {
      this.#reserving = undefined;
    });
    return this.#reserving;
  }

  async #reserve(backlog: number): Promise<number> {
    // One caller at a time waits here per lane, but more follow: half a lease serves them and leaves some to others.
    const halfLease = Math.ceil((this.#limit.rps * LEASE_MS) / 1_000 / 2);
    const ahead = Math.max(this.#waiting, Math.min(backlog, halfLease));
    let reserved: Reservation | undefined;
    await this.#change((state, now) => {
      reserved = reserve(state, this.#limit, { now, waiting: this.#waiting, ahead });
      return reserved.state;
    });
    const { slots = [], spare = 0, inMs = 0 } = reserved ?? {};
    this.#spare = spare;
    // A slot that was due at once must not go stale because the write took a while: a call waits for it.
    const now = this.#deps.clock.now();
    this.#slots.push(...slots.map((slot) => Math.max(slot, now)));
    return Math.ceil(inMs);
  }

  async #change(change: (state: RateState, now: number) => RateState): Promise<void> {
    const { documents, clock, key } = this.#deps;
    for (let conflict = 0; ; conflict++) {
      const stored = await documents.get<RateState>(key);
      // Measure first: if a replica whose own clock is behind moved the others' slots back, all would call too often.
      if (stored && isOfLater(stored.value, clock.now())) await clock.measure();
      const now = clock.now();
      const before = stored?.value ?? freshRate(this.#limit, now);
      const after = change(before, now);
      if (stored && after === before) return;
      if ((await documents.replace(key, after, stored?.revision ?? 0)) !== undefined) return;
      await sleep(Math.random() * Math.min(25, 2 + 4 * conflict));
    }
  }
}
