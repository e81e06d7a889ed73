/**
 * Remembers the state of one channel's unsettled messages, since the broker redelivers an event as soon as any channel
 * wants it, whether or not anything was tried.
 */
import { RecentMap } from '@setlist/runtime';

interface Standing {
  readonly tries: number;
  readonly untilMs: number;
  /** The code that `isNews` was last asked about. */
  readonly toldCode?: string;
}

const NEW: Standing = { tries: 0, untilMs: 0 };

/** How many are kept. Beyond it the oldest is dropped, and can be tried too early. */
const MOST = 10_000;
/** An entry whose wait ended this long ago, in ms, is only left over: another replica settled its message. */
const LEFT_OVER_AFTER_MS = 3_600_000;

export class Unsettled {
  readonly #standings = new RecentMap<string, Standing>(MOST);
  readonly #now: () => number;
  readonly #graceMs: number;

  /**
   * @param now a clock in ms that never jumps
   * @param graceMs how long a message that was first handed out elsewhere waits here
   */
  constructor(now: () => number, graceMs: number) {
    this.#now = now;
    this.#graceMs = graceMs;
  }

  /**
   * Must be called each time that a message is handed out, with how often that was. A message that was handed out
   * before it came here, to another replica or before a restart, may have been sent then: that counts as one try, and
   * its replica, which may only have lost the broker for a while, gets time to note it.
   */
  handedOut(key: string, times: number): void {
    if (this.#standings.has(key)) return;
    // With more than are kept, each would be dropped during its wait, and wait again: for ever.
    const [oldest = NEW] = this.#standings.values();
    const isFull = this.#standings.size >= MOST && oldest.untilMs > this.#now() - LEFT_OVER_AFTER_MS;
    const wasElsewhere = { tries: 1, untilMs: this.#now() + (isFull ? 0 : this.#graceMs) };
    this.#standings.set(key, times > 1 ? wasElsewhere : NEW);
  }

  tried(key: string): void {
    const standing = this.#of(key);
    this.#standings.set(key, { ...standing, tries: standing.tries + 1, untilMs: 0 });
  }

  tries(key: string): number {
    return this.#of(key).tries;
  }

  putOff(key: string, forMs: number): void {
    this.#standings.set(key, { ...this.#of(key), untilMs: this.#now() + forMs });
  }

  /** Whether this reason for not sending a message differs from the one that was asked about last. */
  isNews(key: string, code: string): boolean {
    const standing = this.#of(key);
    this.#standings.set(key, { ...standing, toldCode: code });
    return standing.toldCode !== code;
  }

  /** The remaining wait, in ms; 0 if it is over, or the message is unknown. */
  leftMs(key: string): number {
    return Math.max(0, this.#of(key).untilMs - this.#now());
  }

  settled(key: string): void {
    this.#standings.delete(key);
  }

  #of(key: string): Standing {
    return this.#standings.get(key) ?? NEW;
  }
}
