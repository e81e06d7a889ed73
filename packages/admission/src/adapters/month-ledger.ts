/** Follows what is paid to Polly, from the log alone, so that no drop has to read a month's payments again. */
import { subjects } from '@setlist/contracts';
import type { EventLog, Recorded, Selection } from '@setlist/eventlog';
import { type Position, Spending } from '../domain/spending.ts';

type Log = Pick<EventLog, 'follow' | 'last' | 'clock'>;

/**
 * Two readers, each on one subject: sets' lives from the first on, few for each set; and sounds from the beginning of
 * the month, or of the oldest set that has been open since the start. Nothing is read before somebody asks for the first
 * time.
 */
export class MonthLedger implements Disposable {
  readonly #log: Log;
  readonly #signal: AbortSignal;
  readonly #ending = new AbortController();
  #readers: Readers | undefined;

  constructor(log: Log, signal?: AbortSignal) {
    this.#log = log;
    this.#signal = signal ? AbortSignal.any([signal, this.#ending.signal]) : this.#ending.signal;
  }

  /** How the month stands with everything that the log holds now, by the broker's clock. */
  async position(): Promise<Position> {
    for (;;) {
      this.#readers ??= this.#start();
      const readers = this.#readers;
      try {
        const { spending, lives, sounds, from } = await readers.reading;
        await lives.caughtUp();
        // What a set paid stands before its end: read in this order, nothing of a set that counts as ended is missed.
        const standing = spending.standing();
        if ((standing.openSince ?? from) >= from) {
          await sounds.caughtUp();
          return spending.position(new Date(this.#log.clock.now()), standing);
        }
        // A retry has opened a set of before: what was paid for it then has to be known as well.
        this.#end(readers);
      } catch (error) {
        // Others who ask at the same time may have ended them already.
        if (this.#readers !== readers && !this.#signal.aborted) continue;
        this.#end(readers);
        throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }

  #start(): Readers {
    const stopping = new AbortController();
    return { stopping, reading: this.#read(AbortSignal.any([this.#signal, stopping.signal])) };
  }

  /** Whoever asks next gets new readers, which read anew. */
  #end(readers: Readers): void {
    readers.stopping.abort();
    if (this.#readers === readers) this.#readers = undefined;
  }

  async #read(signal: AbortSignal): Promise<Reading> {
    const spending = new Spending();
    const reader = (
      selection: Selection & { subjects: [string] },
      fold: (record: Recorded) => void,
    ): Reader => new Reader(this.#log, { ...selection, fold, signal });
    const lives = reader({ subjects: [subjects.state('*')], from: 1 }, (record) => spending.life(record));
    await lives.caughtUp();
    const monthBegan = beginningOfMonth(new Date(this.#log.clock.now()));
    const openSince = spending.standing().openSince ?? monthBegan;
    const from = openSince < monthBegan ? openSince : monthBegan;
    const sounds = reader({ subjects: [subjects.sound('*')], from }, (record) => spending.sound(record));
    return { spending, lives, sounds, from };
  }
}

interface Readers {
  readonly reading: Promise<Reading>;
  /** Ends both, whoever started them. */
  readonly stopping: AbortController;
}

interface Reading {
  readonly spending: Spending;
  readonly lives: Reader;
  readonly sounds: Reader;
  /** Sounds are read that were paid for from then on. */
  readonly from: Date;
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
