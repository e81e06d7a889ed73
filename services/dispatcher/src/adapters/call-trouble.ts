/** Logs that calls to a provider fail in a way that is retried, since until an item is given up nothing else says so. */
import { duration, type Provider } from '@setlist/contracts';
import type { Engine } from '@setlist/polly';
import { type Logger, Rarely } from '@setlist/runtime';
import { classify, type Failure } from '../domain/classify.ts';

/** How many calls must fail in a row: single ones fail on good days too. */
const FEWEST_IN_A_ROW = 3;
/** A reason that was logged is logged again after this time, in ms, if it still holds, or holds again. */
const SAID_FOR_MS = 600_000;
/** Without a failure for this time, in ms, calls count as working again. */
const FIXED_AFTER_MS = 60_000;

interface Trouble {
  inARow: number;
  /** When the last call failed, by `performance.now()`. */
  failedAt: number;
  /** By code. */
  readonly rarely: Rarely;
  isSaid: boolean;
}

/** What is called. */
export interface Call {
  readonly provider: Provider;
  /** The operation, as AWS calls it. */
  readonly method: string;
  /** Missing where the call is not about a sound. */
  readonly lane?: Engine;
}

/** Logs each code once per operation and lane and ten minutes: of a provider that fails in part, every so often. */
export class CallTrouble {
  readonly #logger: Logger;
  readonly #retryForMs: number;
  readonly #troubles = new Map<string, Trouble>();

  /** @param retryForMs how long an item is retried where its set has no deadline */
  constructor(logger: Logger, retryForMs: number) {
    this.#logger = logger;
    this.#retryForMs = retryForMs;
  }

  /** Throttling is no trouble: the shared rate adapts to it. What is given up at once is said with the item. */
  failed(call: Call, failure: Failure): void {
    const verdict = classify(failure, 0);
    if (verdict.kind === 'fail' || verdict.throttled) return;
    const trouble = this.#troubles.get(keyOf(call)) ?? newTrouble();
    this.#troubles.set(keyOf(call), trouble);
    trouble.failedAt = performance.now();
    const { code, message, remedy } = verdict.reason;
    if (++trouble.inARow < FEWEST_IN_A_ROW || !trouble.rarely.isDue(code)) return;
    trouble.isSaid = true;
    const patience = `items are retried for up to ${duration(this.#retryForMs)}, or until their set’s deadline`;
    this.#logger.warn({ ...factsOf(call), code, remedy }, `calls fail: ${message}; ${patience}`);
  }

  succeeded(call: Call): void {
    const trouble = this.#troubles.get(keyOf(call));
    if (!trouble) return;
    trouble.inARow = 0;
    if (performance.now() - trouble.failedAt < FIXED_AFTER_MS) return;
    this.#troubles.delete(keyOf(call));
    if (trouble.isSaid) this.#logger.info(factsOf(call), 'calls succeed again');
  }
}

const newTrouble = (): Trouble => ({
  ...{ inARow: 0, failedAt: 0, isSaid: false },
  rarely: new Rarely(SAID_FOR_MS),
});
const keyOf = ({ provider, method, lane }: Call): string => `${provider} ${method} ${lane}`;
const factsOf = ({ provider, method, lane }: Call): Call => ({ provider, method, ...(lane && { lane }) });
