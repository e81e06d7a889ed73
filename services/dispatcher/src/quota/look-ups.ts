/** Look-ups at a provider: a throttled one slows look-ups, at the rate that all dispatchers share, but no calls or tasks. */
import { type Provider, quotaKey } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { LookUp, Quotas } from '@setlist/polly';
import { CallFailed } from '../adapters/failures.ts';
import { isThrottled } from '../domain/classify.ts';
import { SharedRate } from './shared-rate.ts';

/** Marks every failure of the provider as a look-up's. Once the service drains, throws the signal's reason. */
export class LookUps {
  readonly #rate: Pick<SharedRate, 'acquire' | 'slowDown'> | undefined;
  readonly #draining: AbortSignal;

  /** @param rate undefined if no quota applies */
  constructor(rate: Pick<SharedRate, 'acquire' | 'slowDown'> | undefined, draining: AbortSignal) {
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
    await this.#rate?.acquire(this.#draining);
    this.#draining.throwIfAborted();
  }

  /** The failure says nothing about the call that follows, and nothing was billed. */
  async #failed(error: unknown): Promise<unknown> {
    if (!(error instanceof CallFailed)) return error;
    if (isThrottled(error.failure)) await this.#rate?.slowDown();
    return new CallFailed({ ...error.failure, billed: false, isLookUp: true }, error);
  }
}

/** @param quotas undefined if none apply */
export function lookUpsOf(
  { log, signal }: { readonly log: EventLog; readonly signal: AbortSignal },
  { provider, what }: { readonly provider: Provider; readonly what: LookUp },
  quotas: Quotas | undefined,
): LookUps {
  const deps = { documents: log.coordination, clock: log.clock, key: quotaKey(provider, 'all', what) };
  return new LookUps(quotas && new SharedRate(deps, quotas[what]), signal);
}
