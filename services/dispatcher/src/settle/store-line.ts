/**
 * Waiting for a store that can't be used. Who needs it waits in one line: the first of them tries, so that a store in trouble
 * meets few requests and the log one warning. Whose trouble is his alone leaves the line, and waits beside it.
 */
import { backoffDelayMs, type Logger, Slots, sleep } from '@setlist/runtime';
import { type ObjectStore, StoreError } from '@setlist/storage';

const BACKOFF = { baseMs: 200, capMs: 10_000 };
const LOOK_EVERY_MS = 1_000;

/** So much audio may be held for a store before it is looked whether it takes any: one alone may be in its own way. */
const MOST_HELD = 4;

/** While so much is paid, waits, and is in no log, no further call is begun: what a kill would leave unknown stays bounded. */
const MOST_UNNOTED = 16;

export interface StoreWait {
  /** Ends the waiting, where nothing paid would be lost by it. */
  readonly signal?: AbortSignal;
  /** Which failures are waited for: those that pass by themselves, unless told otherwise. */
  readonly whilst?: (error: StoreError) => boolean;
  /** Of work that holds audio: whether the store keeps the same audio elsewhere, so that the trouble is this work's alone. */
  readonly keepsElsewhere?: () => Promise<boolean>;
  /** Called once it does. To throw ends the waiting. */
  readonly onAlone?: () => void;
  /** Of what lies nowhere but in memory, and whose payment is in no log yet. */
  readonly isUnnoted?: boolean;
}

export class StoreLine {
  readonly #store: ObjectStore;
  readonly #logger: Logger;
  readonly #first = new Slots(1);
  readonly #looking = new Slots(1);
  /** A turn to ask whether a trouble is one work's alone. */
  readonly #asking = new Slots(1);
  #waiting = 0;
  /** How many of those in the line hold audio. */
  #holding = 0;
  /** How many, in the line and beside it, are paid and in no log. */
  #unnoted = 0;
  /** Tells whether the trouble of the newest of these is its own; nothing once it has said so. */
  #keepsElsewhere: StoreWait['keepsElsewhere'];
  /** The line's tries that failed since the last one that went well. */
  #failures = 0;
  /** What was said to be wrong since last nothing waited. */
  readonly #said = new Set<StoreError['code']>();
  readonly #besides = new Map<string, Set<StoreError['code']>>();

  constructor(store: ObjectStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** Repeats a store's work while its failure may pass: a full disk, a store that is away. */
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

  /** Whether as much is paid and in no log as may be: then no call is to be begun, though the store may take others. */
  get isFull(): boolean {
    return this.#unnoted >= MOST_UNNOTED;
  }

  /**
   * Waits while much audio waits for the store already and it takes none: what is paid now could not be kept either.
   * @param isFull for how long it is to wait in any case
   */
  async room(signal: AbortSignal, isFull = (): boolean => false): Promise<void> {
    while (isFull()) await sleep(LOOK_EVERY_MS, signal);
    using _turn = await this.#looking.take(signal);
    while (this.#keepsElsewhere && this.#holding >= MOST_HELD) {
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
    // That it fails again tells nothing new: only whoever begins to wait casts doubt on the store.
    this.#keepsElsewhere = keepsElsewhere;
  }

  async #inLine<T>(work: () => Promise<T>, terms: StoreWait, first: StoreError): Promise<T> {
    for (let failure = first; ; ) {
      // What passes by itself may meet one and spare the next: that tells nothing of this work.
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

  /** Asked outside the line: who is alone need not wait for those before it. */
  async #isAlone({ keepsElsewhere, onAlone, signal }: StoreWait): Promise<boolean> {
    if (!keepsElsewhere || !onAlone) return false;
    using _turn = await this.#asking.take(signal);
    if (!(await keepsElsewhere())) return false;
    onAlone();
    return true;
  }

  /** How often it fails says nothing of the store, and keeps nobody in the line waiting. */
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

  /** Says what is wrong besides, for which nobody waits in the line: once for each thing, until that is mended. @returns whether it was said now */
  warnOnce(err: StoreError, message: string, about: object = {}): boolean {
    const { code, remedy } = err;
    const codes = this.#besides.get(message) ?? new Set();
    const isNew = !codes.has(code);
    if (isNew) this.#logger.warn({ ...about, code, remedy, err }, message);
    this.#besides.set(message, codes.add(code));
    return isNew;
  }

  mended(message: string): void {
    this.#besides.delete(message);
  }

  #mustPass(error: unknown, { whilst = ({ retryable }) => retryable }: StoreWait): StoreError {
    if (!(error instanceof StoreError) || !whilst(error)) throw error;
    if (this.#said.has(error.code)) return error;
    this.#said.add(error.code);
    // Which store it is the error says: it may be the one that was copied from.
    const said = { code: error.code, remedy: error.remedy, err: error };
    this.#logger.warn(said, 'the store can’t be used; what is paid waits for it');
    return error;
  }

  /** Where the last try failed, whoever waited has only left. */
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
