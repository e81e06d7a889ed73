/** Keeps a channel that is down, slow or flooded from delaying anything else. */
import type { Reason } from '@setlist/contracts';
import { backoffDelayMs, Slots, sleep } from '@setlist/runtime';
import type { Outcome } from './domain/channel.ts';
import { RateLimiter } from './rate-limiter.ts';
import { Unsettled } from './unsettled.ts';

/** The most messages handed to one channel at a time; mail servers refuse more than a few connections. */
const AT_ONCE = 5;
/** The number of further messages that can always wait for a place. */
const LEAST_QUEUE = 59;
/** Beyond {@link LEAST_QUEUE}, only messages likely to get a place within this time wait: they take up others' room. */
const PATIENCE_MS = 1_000;
/** The assumed duration of the first delivery, and the weight of each new one in the moving average. */
const FIRST_GUESS_MS = 100;
const WEIGHT = 0.2;

export interface GateOptions {
  /** The most messages a second; unlimited if missing. */
  readonly perSecond?: number | undefined;
  /** See `backoffDelayMs`. */
  readonly baseMs: number;
  readonly capMs: number;
  readonly random: () => number;
  /** How long a message that was first handed out elsewhere waits for a note of that, in ms. */
  readonly graceMs: number;
  /** A clock that never jumps, in ms. */
  readonly now: () => number;
  readonly onDown: (reason: Reason, restMs: number) => void;
  readonly onUp: () => void;
}

/** Not its turn: nothing was tried, and asking again is worthwhile after this time. */
export type NotYet = { readonly kind: 'not yet'; readonly askAgainInMs: number };

/** One try; undefined if there turned out to be nothing to try. */
type Deliver = () => Promise<Outcome | undefined>;

/**
 * ```
 *          down                      rest is over, next message tries
 *   open ────────▶ resting (longer each time) ────────▶ open
 * ```
 * While it rests nothing is tried: each message gets the reason at once. So a mail server that is down sees only an
 * occasional try, however many messages wait, and none of them holds a place meanwhile. While it is open, messages pass
 * at its pace.
 */
export class ChannelGate {
  readonly #options: GateOptions;
  /** The state of its unsettled messages, by key. */
  readonly unsettled: Unsettled;
  readonly #rateLimiter: RateLimiter | undefined;
  readonly #places = new Slots(AT_ONCE);
  #failures = 0;
  #restsUntil = 0;
  #tookMs = FIRST_GUESS_MS;
  #lastReason: Reason | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.unsettled = new Unsettled(options.now, options.graceMs);
    this.#rateLimiter =
      options.perSecond === undefined ? undefined : new RateLimiter(options.perSecond, options.now);
  }

  /** The remaining rest of the channel, in ms. */
  restsForMs(): number {
    return Math.max(0, this.#restsUntil - this.#options.now());
  }

  /** Tries when there is room, or says at once why not; undefined if nothing was tried or the signal came first. */
  async pass(deliver: Deliver, signal: AbortSignal): Promise<Outcome | NotYet | undefined> {
    const held = this.#isResting() ?? (this.#rateLimiter && (await this.#itsTurn(this.#rateLimiter)));
    if (held) return held;
    if (this.#isFull()) return { kind: 'not yet', askAgainInMs: this.#whenLessFull() };
    using _ = await this.#places.take();
    if (signal.aborted) return undefined;
    // The channel may have gone down while this message waited.
    const resting = this.#isResting();
    if (resting) return resting;
    const begunMs = this.#options.now();
    const outcome = await this.#timed(deliver, begunMs);
    if (outcome === undefined) return undefined;
    if (outcome.kind === 'down') this.#rest(outcome.reason, outcome.retryAfterMs);
    // A try that was in flight when the rest began says nothing about it.
    else if (begunMs >= this.#restsUntil) this.#wake();
    return outcome;
  }

  #isFull(): boolean {
    return this.#places.waiting >= Math.max(LEAST_QUEUE, (AT_ONCE * PATIENCE_MS) / this.#tookMs);
  }

  /** Spread, so that messages sent away together don't come back together. */
  #whenLessFull(): number {
    return Math.ceil(PATIENCE_MS * (0.5 + this.#options.random()));
  }

  async #timed(deliver: Deliver, begunMs: number): Promise<Outcome | undefined> {
    try {
      return await deliver();
    } finally {
      this.#tookMs += WEIGHT * (Math.max(1, this.#options.now() - begunMs) - this.#tookMs);
    }
  }

  #isResting(): Outcome | undefined {
    return this.#lastReason && this.restsForMs() > 0 ? { kind: 'down', reason: this.#lastReason } : undefined;
  }

  /** Undefined once its turn has come. A message waiting here has no place yet. */
  async #itsTurn(rateLimiter: RateLimiter): Promise<NotYet | undefined> {
    const turn = rateLimiter.take();
    if ('askAgainInMs' in turn) return { kind: 'not yet', askAgainInMs: Math.ceil(turn.askAgainInMs) };
    if (turn.inMs > 0) await sleep(turn.inMs);
    return undefined;
  }

  /** Tries that fail together count as one failure, and the longest rest that any of them asks for is kept. */
  #rest(reason: Reason, atLeastMs = 0): void {
    this.#lastReason = reason;
    const now = this.#options.now();
    if (this.restsForMs() > 0) {
      this.#restsUntil = Math.max(this.#restsUntil, now + atLeastMs);
      return;
    }
    this.#failures++;
    const restMs = Math.max(atLeastMs, backoffDelayMs(this.#failures, this.#options));
    this.#restsUntil = now + restMs;
    this.#options.onDown(reason, restMs);
  }

  #wake(): void {
    if (this.#failures > 0) this.#options.onUp();
    this.#failures = 0;
    this.#restsUntil = 0;
  }
}
