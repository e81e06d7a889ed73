/** Look-ups at a provider, at a rate that all dispatchers share: a throttled one slows look-ups, but no calls or tasks. */
import { CallFailed } from '../adapters/failures.ts';
import { isThrottled } from '../domain/classify.ts';
import type { SharedRate } from './shared-rate.ts';

/** Marks every failure of the provider as a look-up's. Once the service drains, throws the signal's reason. */
export class LookUps {
  readonly #rate: Pick<SharedRate, 'acquire' | 'slowDown'>;
  readonly #draining: AbortSignal;

  constructor(rate: Pick<SharedRate, 'acquire' | 'slowDown'>, draining: AbortSignal) {
    this.#rate = rate;
    this.#draining = draining;
  }

  /** Makes one look-up, once the quota allows it. */
  async one<T>(lookUp: () => Promise<T>): Promise<T> {
    try {
      await this.#turn();
      return await lookUp();
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  /** Lists in pages, each once the quota allows it. */
  async *pages<T>(list: (beforePage: () => Promise<void>) => AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* list(() => this.#turn());
    } catch (error) {
      throw await this.#failed(error);
    }
  }

  async #turn(): Promise<void> {
    if (!(await this.#rate.acquire(this.#draining))) throw this.#draining.reason;
  }

  /** The failure says nothing about the call that follows, and nothing was billed. */
  async #failed(error: unknown): Promise<unknown> {
    if (!(error instanceof CallFailed)) return error;
    if (isThrottled(error.failure)) await this.#rate.slowDown();
    return new CallFailed({ ...error.failure, billed: false, isLookUp: true }, error);
  }
}
