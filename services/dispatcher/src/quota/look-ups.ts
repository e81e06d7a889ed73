/** Look-ups at a provider: a throttled one slows look-ups, at the rate that all dispatchers share, but no calls or tasks. */
import { type Provider, quotaKey } from '@setlist/contracts';
import type { EventLog } from '@setlist/eventlog';
import type { LookUp, Quotas } from '@setlist/polly';
import { backoffDelayMs, sleep } from '@setlist/runtime';
import { CallFailed } from '../adapters/failures.ts';
import { isThrottled } from '../domain/classify.ts';
import { SharedRate } from './shared-rate.ts';

/**
 * How often, and how long apart, a page is asked for while it is throttled: some seconds in all, after which those who
 * wait for the list can tell that it can't be read.
 */
const PAGE_TRIES = 10;
const PAGE_BACKOFF = { baseMs: 250, capMs: 1_000 };

/** A part of a list, and where the next part begins. */
export interface Page<T> {
  readonly entries: readonly T[];
  /** Missing after the last. */
  readonly next?: string;
}

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

  /** Lists in pages, each once the quota allows it. A throttled page is asked for again, since the list can be long. */
  async *pages<T>(pageAt: (start: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
    let start: string | undefined;
    do {
      const page = await this.#page(() => pageAt(start));
      yield* page.entries;
      start = page.next;
    } while (start);
  }

  async #page<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.one(ask);
      } catch (error) {
        if (tries === PAGE_TRIES || !(error instanceof CallFailed && isThrottled(error.failure))) throw error;
      }
      await sleep(backoffDelayMs(tries, PAGE_BACKOFF), this.#draining);
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
