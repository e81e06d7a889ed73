/** A failure that a dispatcher can't continue after drains it: work in progress, which may be billed, is kept first. */
import type { EventLog } from '@setlist/eventlog';
import { type Logger, settlesWithin } from '@setlist/runtime';

export class Breakdown {
  readonly #logger: Pick<Logger, 'error'>;
  readonly #abort = new AbortController();
  readonly #first = Promise.withResolvers<{ readonly error: unknown }>();
  /** Aborted by the first failure, without its error: work that waits is stopped, but has not failed. */
  readonly signal = this.#abort.signal;

  constructor(logger: Pick<Logger, 'error'>) {
    this.#logger = logger;
  }

  /** Logs each failure at once, since draining can take a while; `endsWithin` throws the first. */
  readonly fail = (error: unknown): void => {
    this.#logger.error(
      { err: error },
      'the dispatcher can’t continue, and stops once work in progress is kept',
    );
    this.#first.resolve({ error });
    this.#abort.abort();
  };

  /** Fails if the log loses its end: claims, payments and steps of sets that are remembered here may be lost with it. */
  async failIfEndLost(log: Pick<EventLog, 'untilEndLost'>, draining: AbortSignal): Promise<void> {
    const lost =
      'the log has lost its end, as in a power cut of the broker; the next start goes on from what is left';
    try {
      if (await log.untilEndLost(draining)) throw new Error(lost);
    } catch (error) {
      if (!draining.aborted) this.fail(error);
    }
  }

  /** Waits for the work, after a failure for at most `drainMs`; then throws the first failure. */
  async endsWithin(drainMs: number, work: Promise<unknown>): Promise<void> {
    const failed = this.#first.promise.then(() => settlesWithin(drainMs, work));
    await Promise.race([work, failed]);
    if (this.signal.aborted) throw (await this.#first.promise).error;
  }
}
