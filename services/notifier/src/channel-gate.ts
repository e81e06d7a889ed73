/** Keeps a channel that is down, slow or overrun from costing anyone else time. */
import type { Reason } from '@setlist/contracts';
import { backoffDelayMs, Slots, sleep } from '@setlist/runtime';
import type { Outcome } from './domain/channel.ts';
import { Turns } from './turns.ts';
import { Unsettled } from './unsettled.ts';

/** So many messages are handed to one channel at a time; mail servers turn away more connections than a few. */
const AT_ONCE = 5;
/** So many more may wait for a place at any time. */
const LEAST_QUEUE = 59;
/** Beyond that, only as many as are likely to have a place within this time: others need the room that they take up. */
const PATIENCE_MS = 1_000;
/** What a delivery is taken to last before any has, and how much each new one says about the next. */
const FIRST_GUESS_MS = 100;
const WEIGHT = 0.2;

export interface GateOptions {
  /** Most messages a second; as many as come where left out. */
  readonly perSecond?: number | undefined;
  /** See `backoffDelayMs`. */
  readonly baseMs: number;
  readonly capMs: number;
  readonly random: () => number;
  /** A clock that never jumps, in ms. */
  readonly now: () => number;
  readonly onDown: (reason: Reason, restMs: number) => void;
  readonly onUp: () => void;
}

/** Not its turn: nothing was tried, and it is worth asking again after so long. */
export type NotYet = { readonly kind: 'not yet'; readonly askAgainInMs: number };

/** One try; nothing where it turned out that there was nothing to try. */
type Deliver = () => Promise<Outcome | undefined>;

/**
 * ```
 *          down                      rest is over, next message tries
 *   open ────────▶ resting (longer each time) ────────▶ open
 * ```
 * While it rests nothing is tried: whoever comes is told at once why. So a mail server that is away sees a few
 * tries now and then, however many messages wait, and none of them holds a place meanwhile. While it is open, messages
 * pass at its pace.
 */
export class ChannelGate {
  readonly #options: GateOptions;
  /** What is known of its messages, by key. */
  readonly unsettled: Unsettled;
  readonly #turns: Turns | undefined;
  readonly #places = new Slots(AT_ONCE);
  #failures = 0;
  #restsUntil = 0;
  #tookMs = FIRST_GUESS_MS;
  #lastReason: Reason | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.unsettled = new Unsettled(options.now);
    this.#turns = options.perSecond === undefined ? undefined : new Turns(options.perSecond, options.now);
  }

  /** How long the channel still rests, in ms. */
  restsForMs(): number {
    return Math.max(0, this.#restsUntil - this.#options.now());
  }

  /** Tries when there is room, or says at once why not; nothing where nothing was tried, or the signal came first. */
  async pass(deliver: Deliver, signal: AbortSignal): Promise<Outcome | NotYet | undefined> {
    const held = this.#isResting() ?? (this.#turns && (await this.#itsTurn(this.#turns)));
    if (held) return held;
    if (this.#isFull()) return { kind: 'not yet', askAgainInMs: this.#whenLessFull() };
    using _ = await this.#places.take();
    if (signal.aborted) return undefined;
    // It may have gone down while this one waited.
    const resting = this.#isResting();
    if (resting) return resting;
    const begunMs = this.#options.now();
    const outcome = await this.#timed(deliver, begunMs);
    if (outcome === undefined) return undefined;
    if (outcome.kind === 'down') this.#rest(outcome.reason, outcome.retryAfterMs);
    // What was under way when the rest began says nothing about it.
    else if (begunMs >= this.#restsUntil) this.#wake();
    return outcome;
  }

  #isFull(): boolean {
    return this.#places.waiting >= Math.max(LEAST_QUEUE, (AT_ONCE * PATIENCE_MS) / this.#tookMs);
  }

  /** Spread, so that those who are sent away together don't come back together. */
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

  /** Nothing once it is its turn. Whoever waits for it here has no place yet. */
  async #itsTurn(turns: Turns): Promise<NotYet | undefined> {
    const turn = turns.take();
    if ('askAgainInMs' in turn) return { kind: 'not yet', askAgainInMs: Math.ceil(turn.askAgainInMs) };
    if (turn.inMs > 0) await sleep(turn.inMs);
    return undefined;
  }

  /** Of several tries that fail together, one counts; the longest that one of them asks for is kept. */
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
