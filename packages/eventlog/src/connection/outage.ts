/** Logs that the broker takes no writes: they are retried until it does, so nothing else says that work waits. */
import type { Logger } from '@setlist/runtime';
import type { BrokerUnavailable } from './broker-unavailable.ts';

/** How long writes to a subject have to fail before it is logged, in ms: restarts of a broker pass. */
const SAID_AFTER_MS = 10_000;
/** A write that waits is retried sooner than this, in ms: one whose last failure is older was given up. */
const RETRIED_WITHIN_MS = 30_000;

/** Of one connection: one warning for each outage, and one line at its end. */
export class Outage {
  readonly #logger: Pick<Logger, 'info' | 'warn'> | undefined;
  /** By subject, the first and the last of its failures since its last write, by `performance.now()`. */
  readonly #failing = new Map<string, { readonly since: number; readonly last: number }>();
  #isSaid = false;
  /** Why writes fail at the moment, if any do. */
  reason: BrokerUnavailable | undefined;

  constructor(logger: Pick<Logger, 'info' | 'warn'> | undefined) {
    this.#logger = logger;
  }

  failed(subject: string, reason: BrokerUnavailable): void {
    const now = performance.now();
    const { since } = this.#failing.get(subject) ?? { since: now };
    this.#failing.set(subject, { since, last: now });
    this.reason = reason;
    if (this.#isSaid || now - since < SAID_AFTER_MS) return;
    this.#isSaid = true;
    this.#logger?.warn({ event: 'broker-trouble', remedy: reason.remedy, err: reason }, reason.message);
  }

  /** The broker took a write, or refused it for good. The outage goes on while others fail. */
  answered(subject: string): void {
    if (this.#failing.size === 0) return;
    this.#failing.delete(subject);
    const lately = performance.now() - RETRIED_WITHIN_MS;
    for (const [other, { last }] of this.#failing) if (last < lately) this.#failing.delete(other);
    if (this.#failing.size > 0) return;
    this.reason = undefined;
    if (this.#isSaid) this.#logger?.info({ event: 'broker-back' }, 'the broker takes writes again');
    this.#isSaid = false;
  }
}
