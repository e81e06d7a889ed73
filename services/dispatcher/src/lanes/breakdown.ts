/** What a dispatcher can't go on from ends it as a stop does: what is under way, and may be billed, is kept first. */
import { type Logger, settlesWithin } from '@setlist/runtime';

export class Breakdown {
  readonly #logger: Pick<Logger, 'error'>;
  readonly #abort = new AbortController();
  readonly #first = Promise.withResolvers<{ readonly error: unknown }>();
  /** Aborted by the first failure, without its error: what was waiting was stopped, and has not failed. */
  readonly signal = this.#abort.signal;

  constructor(logger: Pick<Logger, 'error'>) {
    this.#logger = logger;
  }

  /** Says so at once, since what is under way may take its time; of several failures the first is thrown in the end. */
  readonly fail = (error: unknown): void => {
    this.#logger.error({ err: error }, 'the dispatcher can’t go on, and ends once what is under way is kept');
    this.#first.resolve({ error });
    this.#abort.abort();
  };

  /** Waits for the work, and after a failure for no longer than that; then throws what failed first. */
  async endsWithin(drainMs: number, work: Promise<unknown>): Promise<void> {
    const failed = this.#first.promise.then(() => settlesWithin(drainMs, work));
    await Promise.race([work, failed]);
    if (this.signal.aborted) throw (await this.#first.promise).error;
  }
}
