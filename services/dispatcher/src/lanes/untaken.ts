/**
 * How many requests of a lane no replica has taken yet. Each taken request carries that count; while none is taken, it
 * goes stale: ingest may have added thousands, or others taken them. So while it matters, the broker is asked.
 */
import { isReaderLost, type Lane, type LaneReader } from '@setlist/eventlog';
import type { SettleDeps } from '../settle/deps.ts';

const ASK_EVERY_MS = 1_000;

interface UntakenOptions {
  readonly at: Lane;
  /** Called with each answer: more may be payable. */
  readonly onPayable: () => void;
}

export class Untaken implements Disposable {
  /** The last known count. */
  count = 0;
  readonly #deps: Pick<SettleDeps, 'logger'>;
  readonly #reader: Pick<LaneReader, 'untaken'>;
  readonly #options: UntakenOptions;
  readonly #timer: NodeJS.Timeout;
  #isAsking = false;

  /** @param counts whether the count matters now */
  constructor(
    deps: Pick<SettleDeps, 'logger'>,
    reader: Pick<LaneReader, 'untaken'>,
    options: UntakenOptions,
    counts: () => boolean,
  ) {
    this.#deps = deps;
    this.#reader = reader;
    this.#options = options;
    this.#timer = setInterval(() => {
      if (counts() && !this.#isAsking) void this.#ask();
    }, ASK_EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    const { at, onPayable } = this.#options;
    this.#isAsking = true;
    try {
      this.count = await this.#reader.untaken();
      onPayable();
    } catch (error) {
      // A lane that is gone has nothing to take; the source notices that too.
      if (!isReaderLost(error))
        this.#deps.logger.warn(
          { set: at.setId, lane: at.lane, err: error },
          'counting untaken requests failed',
        );
    } finally {
      this.#isAsking = false;
    }
  }
}
