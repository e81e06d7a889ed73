/** Follows the payments to Polly in the log, so that a drop does not have to read a month's payments again. */
import { subjects } from '@setlist/contracts';
import type { EventLog, Recorded, Selection } from '@setlist/eventlog';
import { type Position, Spending } from '../domain/spending.ts';

export type MonthLog = Pick<EventLog, 'follow' | 'lastAtLeader' | 'clock'>;

/**
 * Two readers, each on one subject: sets' lives from the beginning of the log, since a set has few such events; and
 * sounds from the beginning of the month, or of the oldest set that was open at the start. Nothing is read before the
 * first call.
 */
export class MonthSpending implements Disposable {
  readonly #log: MonthLog;
  readonly #signal: AbortSignal;
  readonly #ending = new AbortController();
  #readers: Readers | undefined;

  constructor(log: MonthLog, signal?: AbortSignal) {
    this.#log = log;
    this.#signal = signal ? AbortSignal.any([signal, this.#ending.signal]) : this.#ending.signal;
  }

  /** The month's spending, including everything in the log so far, by the broker's clock. */
  async position(): Promise<Position> {
    for (;;) {
      this.#readers ??= this.#start();
      const readers = this.#readers;
      try {
        const { spending, lives, sounds, from } = await readers.reading;
        await lives.caughtUp();
        // A set's payments precede its end, or their claims do: read in this order, none of a set that counts as ended
        // is missed.
        const standing = spending.standing();
        if ((standing.openSince ?? from) >= from) {
          await sounds.caughtUp();
          return spending.position(new Date(this.#log.clock.now()), standing);
        }
        // A retry has opened an older set: its earlier payments have to be read too.
        this.#end(readers);
      } catch (error) {
        // A concurrent caller may have ended these readers already.
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

  /** The next call gets new readers, which start over. */
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
  /** Ends both readers. */
  readonly stopping: AbortController;
}

interface Reading {
  readonly spending: Spending;
  readonly lives: Reader;
  readonly sounds: Reader;
  /** The time from which events of sounds are read. */
  readonly from: Date;
}

const beginningOfMonth = (now: Date): Date => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));

interface ReaderOptions extends Selection {
  readonly subjects: [string];
  readonly fold: (record: Recorded) => void;
  readonly signal: AbortSignal;
}

/** Folds one subject of the log forever, and tells when it has caught up. */
class Reader {
  readonly #log: MonthLog;
  readonly #subject: string;
  readonly #from: Date;
  readonly #ended: Promise<never>;
  #seen = 0;
  #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];

  constructor(log: MonthLog, { fold, signal, ...selection }: ReaderOptions) {
    this.#log = log;
    [this.#subject] = selection.subjects;
    this.#from = selection.from instanceof Date ? selection.from : new Date(0);
    this.#ended = this.#follow(selection, fold, signal);
    // Callers of `caughtUp` get the error; without any, this keeps it from being an unhandled rejection.
    this.#ended.catch(() => undefined);
  }

  /** Resolves once everything that is in the log at the time of the call has been folded. */
  async caughtUp(): Promise<void> {
    // Another node could miss what another ingest has just accepted.
    const last = await this.#log.lastAtLeader(this.#subject);
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
