/** While all was off or asleep, or the broker out of reach, nothing moved and no set is to blame: everybody gets time to go on. */
import type { BrokerClock, EventLog } from '@setlist/eventlog';

export interface GraceOptions {
  readonly log: Pick<EventLog, 'head'> & { readonly clock: Pick<BrokerClock, 'now'> };
  /** How long no set is called stalled, from the start and from the broker's return on. */
  readonly graceMs: number;
  /** How often the broker is heard from while nothing is wrong. */
  readonly hearEveryMs: number;
  /** A clock in ms that never jumps; while the host sleeps it stands still. */
  readonly now: () => number;
}

/** A late timer, or a broker that restarts in passing, is no absence. */
const LATE_MS = 1_000;

export class StallGrace {
  readonly #options: GraceOptions;
  #heardAt: number;
  /** By the broker's clock, on which stalls are decided. */
  #saidAt: number;
  #overAt: number;

  constructor(options: GraceOptions) {
    this.#options = options;
    this.#heardAt = options.now();
    this.#saidAt = options.log.clock.now();
    this.#overAt = this.#heardAt + options.graceMs;
  }

  get isOver(): boolean {
    return this.#options.now() >= this.#overAt;
  }

  /** Waits for an answer of the broker; one that comes long after the one before, by either clock, begins the grace anew. */
  async hear(): Promise<void> {
    const { log, graceMs, hearEveryMs, now } = this.#options;
    await log.head();
    const [heardAt, saidAt] = [now(), log.clock.now()];
    const silentMs = Math.max(heardAt - this.#heardAt, saidAt - this.#saidAt);
    if (silentMs > 2 * hearEveryMs + LATE_MS) this.#overAt = heardAt + graceMs;
    [this.#heardAt, this.#saidAt] = [heardAt, saidAt];
  }
}
