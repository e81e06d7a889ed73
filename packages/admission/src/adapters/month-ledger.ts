/** Follows what is paid to Polly, from the log alone, so that no drop has to read a month's payments again. */
import { subjects } from '@setlist/contracts';
import type { EventLog, Recorded, Selection } from '@setlist/eventlog';
import { type Position, Spending } from '../domain/spending.ts';

type Log = Pick<EventLog, 'follow' | 'last' | 'clock'>;

/**
 * Two readers, each on one subject: sets' lives from the first on, few for each set; and sounds from the beginning of
 * the month, or of the oldest set that was open at the start. Nothing is read before somebody asks for the first time.
 */
export class MonthLedger implements Disposable {
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #ending = new AbortController();
  #readers: Promise<Readers> | undefined;

  constructor(log: Log, signal?: AbortSignal) {
    this.#log = log;
    this.#signal = signal ? AbortSignal.any([signal, this.#ending.signal]) : this.#ending.signal;
  }

  /** How the month stands with everything that the log holds now, by the broker's clock. */
  async position(): Promise<Position> {
    const stopping = new AbortController();
    this.#readers ??= this.#start(AbortSignal.any([this.#signal, stopping.signal]));
    const asked = this.#readers;
    try {
      const { spending, lives, sounds } = await asked;
      await Promise.all([lives.caughtUp(), sounds.caughtUp()]);
      return spending.position(new Date(this.#log.clock.now()));
    } catch (error) {
      // Whoever asks next gets new readers, which read anew.
      stopping.abort();
      if (this.#readers === asked) this.#readers = undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  async #start(signal: AbortSignal): Promise<Readers> {
    const spending = new Spending();
    const reader = (
      selection: Selection & { subjects: [string] },
      fold: (record: Recorded) => void,
    ): Reader => new Reader(this.#log, { ...selection, fold, signal });
    const lives = reader({ subjects: [subjects.state('*')], from: 1 }, (record) => spending.life(record));
    await lives.caughtUp();
    const monthBegan = beginningOfMonth(new Date(this.#log.clock.now()));
    const openSince = spending.openSince() ?? monthBegan;
    const from = openSince < monthBegan ? openSince : monthBegan;
    const sounds = reader({ subjects: [subjects.sound('*')], from }, (record) => spending.sound(record));
    return { spending, lives, sounds };
  }
}

interface Readers {
  readonly spending: Spending;
  readonly lives: Reader;
  readonly sounds: Reader;
}

const beginningOfMonth = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));

interface ReaderOptions extends Selection {
  readonly subjects: [string];
  readonly fold: (record: Recorded) => void;
  readonly signal: AbortSignal;
}

/** Folds one subject of the log for ever, and says when it has seen all there is. */
class Reader {
  readonly #log: Log;
  readonly #subject: string;
  readonly #from: Date;
  readonly #ended: Promise<never>;
  #seen = 0;
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  constructor(log: Log, { fold, signal, ...selection }: ReaderOptions) {
    this.#log = log;
    [this.#subject] = selection.subjects;
    this.#from = selection.from instanceof Date ? selection.from : new Date(0);
    this.#ended = this.#follow(selection, fold, signal);
    // Told to whoever waits; this keeps it from being reported as unhandled while nobody does.
    this.#ended.catch(() => undefined);
  }

  /** Resolves when everything that the log holds now is folded in. */
  async caughtUp(): Promise<void> {
    const last = await this.#log.last(this.#subject);
    if (last === undefined || last.seq <= this.#seen || last.time < this.#from) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ seq: last.seq, resolve });
    await Promise.race([promise, this.#ended]);
  }

  async #follow(selection: Selection, fold: ReaderOptions['fold'], signal: AbortSignal): Promise<never> {
    for await (const record of this.#log.follow(selection, signal)) {
      fold(record);
      this.#seen = record.seq;
      while (this.#waiting[0] !== undefined && this.#waiting[0].seq <= this.#seen)
        this.#waiting.shift()?.resolve();
    }
    signal.throwIfAborted();
    throw new Error(`${this.#subject} could not be followed any further`);
  }
}
