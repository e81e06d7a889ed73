/**
 * Waits for a store that can't be used. Work that needs it waits in one line, and only the first tries, so that a store
 * in trouble gets few requests and one warning is logged. Work that alone is in trouble leaves the line and waits
 * outside.
 */
import { backoffDelayMs, type Logger, Slots, sleep } from '@setlist/runtime';
import { type ObjectStore, StoreError } from '@setlist/storage';
import { AudioRoom } from '../tasks/audio-room.ts';

const BACKOFF = { baseMs: 200, capMs: 10_000 };
const LOOK_EVERY_MS = 1_000;

/** How many sounds can wait for the store before it is checked: a single one may be in trouble alone. */
const MOST_HELD = 4;

/** How many waiting sounds can be paid but not noted before no more calls start: a crash would lose those payments. */
const MOST_UNNOTED = 16;

export interface StoreWait {
  /** Ends the wait; to be given if that loses nothing paid. */
  readonly signal?: AbortSignal;
  /** Which failures to wait for: by default the retryable ones. */
  readonly whilst?: (error: StoreError) => boolean;
  /** For work that holds audio: whether the store keeps the audio elsewhere, so that this work alone is in trouble. */
  readonly keepsElsewhere?: () => Promise<boolean>;
  /** Called when this work alone is in trouble. Throwing ends the wait. */
  readonly onAlone?: () => void;
  /** Whether the audio is only in memory, and its payment not in the log yet. */
  readonly isUnnoted?: boolean;
}

type Trouble = Error & { readonly code: string; readonly remedy?: string | undefined };

export class StoreLine {
  /** Room for tasks' audio until it is kept: audio that waits in the line also keeps others waiting for room. */
  readonly memory = new AudioRoom();
  readonly #store: ObjectStore;
  readonly #logger: Logger;
  readonly #first = new Slots(1);
  readonly #looking = new Slots(1);
  /** The turn to ask whether some work alone is in trouble. */
  readonly #asking = new Slots(1);
  #waiting = 0;
  /** How many in the line hold audio. */
  #holding = 0;
  /** How many, in the line and outside, are paid but not noted in the log. */
  #unnoted = 0;
  /** Tells whether the newest work in the line alone is in trouble; undefined once it has said so. */
  #keepsElsewhere: StoreWait['keepsElsewhere'];
  /** How many tries have failed since the last success. */
  #failures = 0;
  /** The codes logged since work began to wait. */
  readonly #said = new Set<StoreError['code']>();
  readonly #besides = new Map<string, Set<string>>();

  constructor(store: ObjectStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Repeats work on a store while its failure may pass, such as a full disk or an unavailable store. */
  async whileRecovers<T>(work: () => Promise<T>, terms: StoreWait = {}): Promise<T> {
    let failure: StoreError;
    try {
      return await work();
    } catch (error) {
      failure = this.#mustPass(error, terms);
      this.#failures ||= 1;
    }
    this.#begins(terms);
    try {
      return await this.#inLine(work, terms, failure);
    } finally {
      if (terms.keepsElsewhere) this.#holding--;
      if (terms.isUnnoted) this.#unnoted--;
      if (--this.#waiting === 0) this.#ended();
    }
  }

  /** Whether the limit of paid but unnoted sounds is reached: no call may start, even if the store takes others. */
  get isFull(): boolean {
    return this.#unnoted >= MOST_UNNOTED;
  }

  /**
   * Waits while much audio already waits for the store and it takes none: newly paid audio could not be kept either.
   * @param isFull waits in any case while this is true
   */
  async room(signal: AbortSignal, isFull: () => boolean): Promise<void> {
    while (isFull()) await sleep(LOOK_EVERY_MS, signal);
    using _turn = await this.#looking.take(signal);
    while (this.#keepsElsewhere && this.#holding + this.memory.waiting >= MOST_HELD) {
      const looked = this.#keepsElsewhere;
      if (!(await looked())) await sleep(LOOK_EVERY_MS, signal);
      else if (this.#keepsElsewhere === looked) this.#keepsElsewhere = undefined;
    }
  }

  #begins({ keepsElsewhere, isUnnoted }: StoreWait): void {
    this.#waiting++;
    if (isUnnoted) this.#unnoted++;
    if (!keepsElsewhere) return;
    this.#holding++;
    // Only work that begins to wait casts new doubt on the store; repeated failures don't.
    this.#keepsElsewhere = keepsElsewhere;
  }

  async #inLine<T>(work: () => Promise<T>, terms: StoreWait, first: StoreError): Promise<T> {
    for (let failure = first; ; ) {
      // A retryable failure may hit one work and spare the next: it says nothing about this work.
      if (!failure.retryable && (await this.#isAlone(terms))) return await this.#beside(work, terms);
      using _turn = await this.#first.take(terms.signal);
      if (this.#failures > 0) await sleep(backoffDelayMs(this.#failures, BACKOFF), terms.signal);
      try {
        const done = await work();
        this.#failures = 0;
        return done;
      } catch (error) {
        failure = this.#mustPass(error, terms);
        this.#failures++;
      }
    }
  }

  /** Whether this work alone is in trouble. Asked outside the line, so that it need not wait for work before it. */
  async #isAlone({ keepsElsewhere, onAlone, signal }: StoreWait): Promise<boolean> {
    if (!keepsElsewhere || !onAlone) return false;
    using _turn = await this.#asking.take(signal);
    if (!(await keepsElsewhere())) return false;
    onAlone();
    return true;
  }

  /** Retries outside the line: these failures say nothing about the store, and hold up no work in the line. */
  async #beside<T>(work: () => Promise<T>, terms: StoreWait): Promise<T> {
    this.#holding--;
    try {
      for (let tries = 1; ; tries++) {
        await sleep(backoffDelayMs(tries, BACKOFF), terms.signal);
        try {
          const done = await work();
          this.#failures = 0;
          return done;
        } catch (error) {
          this.#mustPass(error, terms);
        }
      }
    } finally {
      this.#holding++;
    }
  }

  /**
   * Logs other trouble, which no work in the line waits for: once per message and code until it is fixed.
   * @returns whether it was logged now
   */
  warnOnce(err: Trouble, message: string, about: object = {}): boolean {
    const { code, remedy } = err;
    const codes = this.#besides.get(message) ?? new Set<string>();
    const isNew = !codes.has(code);
    if (isNew) this.#logger.warn({ ...about, code, remedy, err }, message);
    this.#besides.set(message, codes.add(code));
    return isNew;
  }

  /** Such trouble is fixed: it is logged anew when it comes back. */
  fixed(message: string): void {
    this.#besides.delete(message);
  }

  #mustPass(error: unknown, { whilst = ({ retryable }) => retryable }: StoreWait): StoreError {
    if (!(error instanceof StoreError) || !whilst(error)) throw error;
    if (this.#said.has(error.code)) return error;
    this.#said.add(error.code);
    // The error names the store: it may be the source of a copy.
    const said = { code: error.code, remedy: error.remedy, err: error };
    this.#logger.warn(said, 'the store can’t be used; paid audio waits for it');
    return error;
  }

  /** If the last try failed, the waiting work has only left. */
  #ended(): void {
    if (this.#failures === 0) {
      this.#logger.info({ store: this.#store.uri }, 'nothing waits for the store any more');
    }
    this.#keepsElsewhere = undefined;
    this.#said.clear();
    this.#failures = 0;
  }
}

/** One line for each store. */
export function storeLines(logger: Logger): (store: ObjectStore) => StoreLine {
  const lines = new WeakMap<ObjectStore, StoreLine>();
  return (store) => {
    const line = lines.get(store) ?? new StoreLine(store, logger);
    lines.set(store, line);
    return line;
  };
}
