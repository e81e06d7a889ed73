/** Remembers which messages a channel has put off, since the broker hands an event out again as soon as any channel wants it. */

/** Beyond this the oldest is forgotten: it may be tried early, which costs a try and nothing else. */
const MOST = 10_000;

export class PutOffs {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  /** `now`: a clock in ms that never jumps. */
  constructor(now: () => number) {
    this.#now = now;
  }

  putOff(key: string, forMs: number): void {
    this.#until.delete(key);
    this.#until.set(key, this.#now() + forMs);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST && oldest !== undefined) this.#until.delete(oldest);
  }

  /** How long it still has to wait, in ms; 0 where its time has come, or nothing is known of it. */
  leftMs(key: string): number {
    const left = Math.max(0, (this.#until.get(key) ?? 0) - this.#now());
    if (left === 0) this.#until.delete(key);
    return left;
  }
}
