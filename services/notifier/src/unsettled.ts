/**
 * Remembers how the messages of one channel stand that are not settled yet, since the broker hands an event out again
 * as soon as any channel wants it, and whether or not anything was tried.
 */
import { RecentMap } from '@setlist/runtime';

interface Standing {
  readonly tries: number;
  readonly untilMs: number;
}

/** Beyond this the oldest is forgotten: it may be tried early, which costs a try and nothing else. */
const MOST = 10_000;

export class Unsettled {
  readonly #standings = new RecentMap<string, Standing>(MOST);
  readonly #now: () => number;

  /** `now`: a clock in ms that never jumps. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * To be told of each time that a message is handed out, and how often that was. One that was handed out before it came
   * here, to another replica or before a restart, may have been sent there: that counts as one try, however often it was.
   */
  handedOut(key: string, times: number): void {
    if (!this.#standings.has(key)) this.#standings.set(key, { tries: times > 1 ? 1 : 0, untilMs: 0 });
  }

  tried(key: string): void {
    this.#standings.set(key, { tries: this.tries(key) + 1, untilMs: 0 });
  }

  tries(key: string): number {
    return this.#standings.get(key)?.tries ?? 0;
  }

  putOff(key: string, forMs: number): void {
    this.#standings.set(key, { tries: this.tries(key), untilMs: this.#now() + forMs });
  }

  /** How long it still has to wait, in ms; 0 where its time has come, or nothing is known of it. */
  leftMs(key: string): number {
    return Math.max(0, (this.#standings.get(key)?.untilMs ?? 0) - this.#now());
  }

  settled(key: string): void {
    this.#standings.delete(key);
  }
}
