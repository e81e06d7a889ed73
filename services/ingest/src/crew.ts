/** Deals with claimed files: several at once, each again until it is dealt with, and small ones never behind large ones. */

import { LARGE_BYTES } from '@setlist/admission';
import {
  backoffDelayMs,
  type Logger,
  messageOf,
  remedyOf,
  Slots,
  settlesWithin,
  sleepAtMost,
} from '@setlist/runtime';
import type { Dropped } from './dropped.ts';
import { InHand } from './in-hand.ts';

const SMALL_AT_ONCE = 4;
const LARGE_AT_ONCE = 2;
/** After a failure the file waits up to half a second, then longer with each, at most half a minute. */
const RETRY = { baseMs: 500, capMs: 30_000 };

export interface CrewOptions {
  readonly settle: (dropped: Dropped) => Promise<void>;
  readonly logger: Logger;
  /** Aborts when nothing new is to be begun. */
  readonly signal: AbortSignal;
}

export interface Taking {
  /** Asked for when its turn comes near: large files wait for each other only. */
  readonly bytes: () => Promise<number>;
  /** Keeps other replicas off while it is dealt with; nothing where one of them has it, which is looked at again. */
  readonly hold: () => Promise<AsyncDisposable | undefined>;
}

/** How long {@link Crew.disband} waits, in ms. Whatever is broken off is gone on with at the next start. */
const PATIENCE_MS = 3_000;

/** Works on whatever it is given until that has settled. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #inHand = new InHand();
  readonly #small = new Slots(SMALL_AT_ONCE);
  readonly #large = new Slots(LARGE_AT_ONCE);

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /**
   * Deals with a drop, once however often it is brought.
   * @param onPutOff told when it has to wait for another try, also where it does already
   * @returns whether it has settled; false where it is left for the next start
   */
  take(dropped: Dropped, how: Taking, onPutOff?: () => void): Promise<boolean> {
    const begin = (putOff: () => void): Promise<boolean> => this.#untilSettled(dropped, how, putOff);
    return this.#inHand.join(`${dropped.run} ${dropped.uri}`, begin, onPutOff);
  }

  /** After the abort: waits for what is in hand, but for nothing that hangs, on a broker that is away, say. */
  async disband(): Promise<void> {
    await settlesWithin(PATIENCE_MS, this.#inHand.ended());
  }

  async #untilSettled(dropped: Dropped, how: Taking, onPutOff: () => void): Promise<boolean> {
    const { signal } = this.#options;
    for (let attempt = 1; !signal.aborted; attempt++) {
      if (await this.#try(dropped, how, attempt)) return true;
      onPutOff();
      // Woken by the signal as well: then the loop ends, and the file stays claimed for the next start.
      await sleepAtMost(backoffDelayMs(attempt, RETRY), signal);
    }
    return false;
  }

  async #try(dropped: Dropped, { bytes, hold }: Taking, attempt: number): Promise<boolean> {
    const { settle, logger, signal } = this.#options;
    const slots = (await bytes()) > LARGE_BYTES ? this.#large : this.#small;
    using _slot = await slots.take();
    if (signal.aborted) return false;
    try {
      await using held = await hold();
      if (held === undefined) return false;
      await settle(dropped);
      return true;
    } catch (error) {
      if (!signal.aborted) report(logger, dropped, attempt, error);
      return false;
    }
  }
}

function report(logger: Logger, { fileName, run }: Dropped, attempt: number, error: unknown): void {
  const remedy = remedyOf(error);
  const fields = { event: 'set-file-waits', file: fileName, run, attempt, remedy, err: error };
  const text = `${fileName} waits, and is tried again: ${messageOf(error)}`;
  // Without a remedy nobody foresaw it: a fault of ours.
  if (remedy === undefined) logger.error(fields, text);
  else logger.warn(fields, text);
}
