/** What a dispatcher can't go on from ends it as a stop does: what is under way, and may be billed, is kept first. */
import { settlesWithin } from '@setlist/runtime';

export class Breakdown {
  readonly #abort = new AbortController();
  readonly #first = Promise.withResolvers<{ readonly error: unknown }>();
  /** Aborted by the first failure, without its error: what was waiting was stopped, and has not failed. */
  readonly signal = this.#abort.signal;

  readonly fail = (error: unknown): void => {
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
