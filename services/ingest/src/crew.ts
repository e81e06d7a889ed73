/** Deals with claimed files: several at once, each again until it is dealt with, and small ones never behind large ones. */
import { lstat } from 'node:fs/promises';
import { backoffDelayMs, type Logger, sleep } from '@setlist/runtime';
import { claimedPath, orGone } from './adapters/inbox.ts';
import { LARGE_BYTES } from './adapters/parse-off-thread.ts';
import type { Drop } from './domain/drop.ts';

const SMALL_AT_ONCE = 4;
const LARGE_AT_ONCE = 2;
/** After a failure the file waits up to half a second, then longer with each, at most half a minute. */
const RETRY = { baseMs: 500, capMs: 30_000, random: Math.random };

export interface CrewOptions {
  readonly settle: (drop: Drop) => Promise<void>;
  readonly logger: Logger;
  /** Aborts when nothing new is to be begun. */
  readonly signal: AbortSignal;
}

/** How long {@link Crew.disband} waits, in ms. Whatever is broken off is gone on with at the next start. */
const PATIENCE_MS = 3_000;

/** Works on whatever it is given until that has settled. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #inHand = new Map<string, Promise<void>>();
  readonly #small = new Slots(SMALL_AT_ONCE);
  readonly #large = new Slots(LARGE_AT_ONCE);

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Whether the drop is being dealt with, or waits for its turn. */
  has(drop: Drop): boolean {
    return this.#inHand.has(claimedPath(drop));
  }

  /** Deals with a drop, once however often it is brought. */
  take(drop: Drop): void {
    if (this.has(drop)) return;
    const path = claimedPath(drop);
    this.#inHand.set(
      path,
      this.#untilSettled(drop).finally(() => this.#inHand.delete(path)),
    );
  }

  /** After the abort: waits for what is in hand, but for nothing that hangs, on a broker that is away, say. */
  async disband(): Promise<void> {
    const over = new AbortController();
    const patience = sleep(PATIENCE_MS, over.signal).catch(() => undefined);
    await Promise.race([Promise.all(this.#inHand.values()), patience]);
    over.abort();
  }

  async #untilSettled(drop: Drop): Promise<void> {
    const { signal } = this.#options;
    for (let attempt = 1; !signal.aborted; attempt++) {
      if (await this.#try(drop, attempt)) return;
      // Woken by the signal as well: then the loop ends, and the file stays claimed for the next start.
      await sleep(backoffDelayMs(attempt, RETRY), signal).catch(() => undefined);
    }
  }

  async #try(drop: Drop, attempt: number): Promise<boolean> {
    const { settle, logger, signal } = this.#options;
    const file = await orGone(lstat(claimedPath(drop))).catch(() => undefined);
    const slots = (file?.size ?? 0) > LARGE_BYTES ? this.#large : this.#small;
    using _slot = await slots.take();
    if (signal.aborted) return false;
    try {
      await settle(drop);
      return true;
    } catch (error) {
      if (!signal.aborted) report(logger, drop, attempt, error);
      return false;
    }
  }
}

function report(logger: Logger, { fileName, run }: Drop, attempt: number, error: unknown): void {
  const { message = String(error), remedy }: { message?: string; remedy?: string } =
    error instanceof Error ? error : {};
  const fields = { event: 'set-file-waits', file: fileName, run, attempt, remedy, err: error };
  const text = `${fileName} waits, and is tried again: ${message}`;
  // Without a remedy nobody foresaw it: a fault of ours.
  if (remedy === undefined) logger.error(fields, text);
  else logger.warn(fields, text);
}

/** So many at once; the others wait their turn in order. */
class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async take(): Promise<Disposable> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return { [Symbol.dispose]: () => this.#giveBack() };
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
