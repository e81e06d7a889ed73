/** After the system was off or asleep, or the broker was away, sets get time to move before they count as stalled. */
import type { BrokerClock, EventLog } from '@setlist/eventlog';

export interface GraceOptions {
  readonly log: Pick<EventLog, 'head'> & { readonly clock: Pick<BrokerClock, 'now'> };
  /** How long no set counts as stalled, in ms, after the start and after the broker's return. */
  readonly graceMs: number;
  /** How often the broker is heard from normally, in ms. */
  readonly hearEveryMs: number;
  /** A monotonic clock in ms, which stops while the host sleeps. */
  readonly now: () => number;
}

/** How late an answer can be without counting as an outage, in ms: for late timers and quick broker restarts. */
const LATE_MS = 1_000;

export class StallGrace {
  readonly #options: GraceOptions;
  #heardAt: number;
  /** By the broker's clock, which stalls are decided by. */
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

  /** Waits for an answer from the broker; one long after the previous one, by either clock, starts the grace over. */
  async hear(): Promise<void> {
    const { log, graceMs, hearEveryMs, now } = this.#options;
    await log.head();
    const [heardAt, saidAt] = [now(), log.clock.now()];
    const silentMs = Math.max(heardAt - this.#heardAt, saidAt - this.#saidAt);
    if (silentMs > 2 * hearEveryMs + LATE_MS) this.#overAt = heardAt + graceMs;
    [this.#heardAt, this.#saidAt] = [heardAt, saidAt];
  }
}
