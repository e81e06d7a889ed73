/**
 * How many items of a lane no replica has taken yet, whether or not ingest has requested them. Each taken request says
 * how far the lane has got; while none is taken, that goes stale, since others take some. So while it matters, the
 * broker is asked.
 */
import { isReaderLost, type Lane, type LaneReader, type Work } from '@setlist/eventlog';
import type { SettleDeps } from '../settle/deps.ts';

const ASK_EVERY_MS = 1_000;

interface UntakenOptions {
  readonly at: Lane;
  /** How many items ingest requests of the lane; 0 if unknown. */
  readonly items: number;
  /** Called with each answer: more may be payable. */
  readonly onPayable: () => void;
}

export class Untaken implements Disposable {
  readonly #deps: Pick<SettleDeps, 'logger'>;
  readonly #reader: Pick<LaneReader, 'progress'>;
  readonly #options: UntakenOptions;
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  #isAsking = false;

  /** @param counts whether the count matters now */
  constructor(
    deps: Pick<SettleDeps, 'logger'>,
    reader: Pick<LaneReader, 'progress'>,
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

  /** The last known count. */
  get count(): number {
    return this.#count;
  }

  /** To be called with each request taken: the count as of then. */
  seen({ place, pending }: Pick<Work, 'place' | 'pending'>): void {
    // A redelivery takes a place too, so only the larger number can be right.
    this.#count = Math.max(pending, this.#options.items - place);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #ask(): Promise<void> {
    const { at, onPayable } = this.#options;
    this.#isAsking = true;
    try {
      this.seen(await this.#reader.progress());
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
