/** Processes claimed files: several at once, each retried until it is done, and small ones never behind large ones. */

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
/** Back-off of a file: up to half a second after the first failure, growing to at most half a minute. */
const RETRY = { baseMs: 500, capMs: 30_000 };

/** Whether a file of this size is read in a thread, two at a time. */
export const isLarge = (bytes: number): boolean => bytes >= LARGE_BYTES;

export interface DropProcessorOptions {
  readonly processDrop: (dropped: Dropped) => Promise<void>;
  readonly logger: Logger;
  /** Aborts when nothing new is to be started. */
  readonly signal: AbortSignal;
}

export interface Taking {
  /** Size of the file, asked for before each attempt: large files wait only for each other. */
  readonly bytes: () => Promise<number>;
  /** Keeps other replicas off while the file is processed; undefined if one of them holds it: a retry follows. */
  readonly hold: () => Promise<AsyncDisposable | undefined>;
}

/** How long {@link DropProcessor.drain} waits, in ms. The next start continues with what it interrupts. */
const PATIENCE_MS = 3_000;

/** Works on each drop that it is given until it has been processed. */
export class DropProcessor {
  readonly #options: DropProcessorOptions;
  readonly #inHand = new InHand();
  readonly #small = new Slots(SMALL_AT_ONCE);
  readonly #large = new Slots(LARGE_AT_ONCE);

  constructor(options: DropProcessorOptions) {
    this.#options = options;
  }

  /**
   * Processes a drop, only once however often it is given.
   * @param onPutOff called when the drop has to wait for a retry, also if it is waiting already
   * @returns whether the drop has been processed; false if it is left for the next start
   */
  take(dropped: Dropped, how: Taking, onPutOff?: () => void): Promise<boolean> {
    const begin = (putOff: () => void): Promise<boolean> => this.#untilProcessed(dropped, how, putOff);
    return this.#inHand.join(`${dropped.run} ${dropped.uri}`, begin, onPutOff);
  }

  /** Call after the abort: waits for work in progress, but not for work that hangs, for example on a lost broker. */
  async drain(): Promise<void> {
    await settlesWithin(PATIENCE_MS, this.#inHand.ended());
  }

  async #untilProcessed(dropped: Dropped, how: Taking, onPutOff: () => void): Promise<boolean> {
    const { signal } = this.#options;
    for (let attempt = 1; !signal.aborted; attempt++) {
      if (await this.#try(dropped, how, attempt)) return true;
      onPutOff();
      // The abort ends the sleep too: then the loop ends, and the file stays claimed for the next start.
      await sleepAtMost(backoffDelayMs(attempt, RETRY), signal);
    }
    return false;
  }

  async #try(dropped: Dropped, { bytes, hold }: Taking, attempt: number): Promise<boolean> {
    const { processDrop, logger, signal } = this.#options;
    const slots = isLarge(await bytes()) ? this.#large : this.#small;
    using _slot = await slots.take();
    if (signal.aborted) return false;
    try {
      await using held = await hold();
      if (held === undefined) return false;
      await processDrop(dropped);
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
  const text = `${fileName} waits for a retry: ${messageOf(error)}`;
  // An error without a remedy was not foreseen: a fault in Setlist.
  if (remedy === undefined) logger.error(fields, text);
  else logger.warn(fields, text);
}
