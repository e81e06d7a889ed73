/** Keeps a channel that is down, slow or overrun from costing anyone else time. */
import type { Reason } from '@setlist/contracts';
import { backoffDelayMs } from '@setlist/runtime';
import type { Outcome } from './domain/channel.ts';

/** So many messages are handed to one channel at a time; mail servers turn away more connections than a few. */
const AT_ONCE = 5;

export interface GateOptions {
  /** See `backoffDelayMs`. */
  readonly baseMs: number;
  readonly capMs: number;
  readonly random: () => number;
  /** A clock that never jumps, in ms. */
  readonly now: () => number;
  readonly onDown: (reason: Reason, restMs: number) => void;
  readonly onUp: () => void;
}

/**
 * ```
 *          down                      rest is over, next message tries
 *   open ────────▶ resting (longer each time) ────────▶ open
 * ```
 * While it rests nothing is tried: whoever comes is told at once why. So a mail server that is away sees a few
 * tries now and then, however many messages wait, and none of them holds a place meanwhile.
 */
export class ChannelGate {
  readonly #options: GateOptions;
  readonly #queue: (() => void)[] = [];
  #underWay = 0;
  #failures = 0;
  #restsUntil = 0;
  #lastReason: Reason | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** How long the channel still rests, in ms. */
  restsForMs(): number {
    return Math.max(0, this.#restsUntil - this.#options.now());
  }

  /** Tries when there is room, or says at once that the channel is down; nothing where the signal came first. */
  async pass(deliver: () => Promise<Outcome>, signal: AbortSignal): Promise<Outcome | undefined> {
    if (this.#underWay >= AT_ONCE) await new Promise<void>((enter) => this.#queue.push(enter));
    this.#underWay++;
    try {
      if (signal.aborted) return undefined;
      if (this.#lastReason && this.restsForMs() > 0) return { kind: 'down', reason: this.#lastReason };
      const outcome = await deliver();
      if (outcome.kind === 'down') this.#rest(outcome.reason);
      else this.#wake();
      return outcome;
    } finally {
      this.#underWay--;
      this.#queue.shift()?.();
    }
  }

  /** Of several tries that fail together, one counts. */
  #rest(reason: Reason): void {
    this.#lastReason = reason;
    if (this.restsForMs() > 0) return;
    this.#failures++;
    const restMs = backoffDelayMs(this.#failures, this.#options);
    this.#restsUntil = this.#options.now() + restMs;
    this.#options.onDown(reason, restMs);
  }

  #wake(): void {
    if (this.#failures > 0) this.#options.onUp();
    this.#failures = 0;
    this.#restsUntil = 0;
  }
}
