/** One set's work in one lane, on its way through this replica: taken, resolved, ready to be paid, or waiting. */
import { isReaderLost, type Lane, type LaneReader, type Recorded, type Work } from '@setlist/eventlog';
import type { Operation } from '@setlist/polly';
import { sleep, sleepAtMost } from '@setlist/runtime';
import { isUnexpected } from '../adapters/failures.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { type Item, type ItemTerms, itemOf } from '../settle/item.ts';
import { resolve } from '../settle/resolve.ts';
import { failUnreadable } from '../settle/unreadable.ts';
import { NewSounds } from './new-sounds.ts';
import { type Payable, Payables } from './payables.ts';
import { setAside } from './set-aside.ts';
import { Untaken } from './untaken.ts';

export interface SourceOptions {
  readonly at: Lane;
  readonly terms: ItemTerms;
  /** Whether tasks can be run for this set's provider here. */
  readonly mayDoTasks: boolean;
  /** How many pieces are taken ahead of being paid, as things stand. */
  readonly ahead: () => number;
  readonly ackWaitMs: number;
  /** Called when something became payable. */
  readonly onPayable: () => void;
}

const TAKE_WAIT_MS = 5_000;
/** Items that are being paid, or wait for another's payment, may pile up this far before no more work is taken. */
const HELD_FACTOR = 16;
const TAKE_AGAIN_MS = 250;
const GIVE_BACK_MS = 1_000;
/** A day: timers take no more than 24 of them at once. */
const LONGEST_SLEEP_MS = 86_400_000;

export class LaneSource {
  readonly options: SourceOptions;
  readonly #deps: SettleDeps;
  readonly #reader: LaneReader;
  /** By the sequence of the request. */
  readonly #held = new Map<number, Item>();
  /** Those of the held that keep nobody behind them from being paid: being paid, or waiting for something. */
  readonly #aside = new Set<Item>();
  readonly #payables = new Payables();
  readonly #newSounds = new NewSounds();
  /** How often each request, by its sequence, met something unexpected. */
  readonly #troubles = new Map<number, number>();
  readonly #stopped = new AbortController();
  /** Aborts when this source stops, or the service drains. */
  readonly #ending: AbortSignal;
  #paused = false;
  readonly #untaken: Untaken;
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(deps: SettleDeps, reader: LaneReader, options: SourceOptions) {
    this.#deps = deps;
    this.#reader = reader;
    this.options = options;
    this.#ending = AbortSignal.any([deps.draining, this.#stopped.signal]);
    this.#untaken = new Untaken(deps, reader, options, () => this.either() > 0);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes nothing further; what is only held is given back; what is under way ends. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    this.#wake();
    if (paused) return;
    this.#sweepAtDeadline();
    this.options.onPayable();
  }

  /** Whether its items are to be paid now. */
  get goesOn(): boolean {
    return !this.#paused && !this.#ending.aborted;
  }

  /** How many items could be paid now. */
  backlog(operation: Operation): number {
    return this.#paused ? 0 : this.#payables.count(operation);
  }

  /** How many of those that wait for a call could go by a task instead. */
  either(): number {
    return this.#paused || !this.options.mayDoTasks ? 0 : this.#payables.either;
  }

  /** How many items of this set wait for a call here, and how many nobody has taken yet. */
  waiting(): { here: number; untaken: number } {
    return { here: this.#payables.count('synthesize'), untaken: this.#untaken.count };
  }

  /** The next to be paid by an operation; a task may also take what waits for a call, where that `either` is allowed. */
  next(operation: Operation, either = false): Payable | undefined {
    const own = this.#payables.next(operation);
    const payable = own ?? (either ? this.#payables.takeEither() : undefined);
    if (payable) this.#aside.add(payable.item);
    payable?.item.admission?.end();
    this.#wake();
    return payable;
  }

  /** Looks at an item (again): settles it, or finds that it has to be paid. */
  async look(item: Item, afterMs = 0): Promise<void> {
    try {
      this.#isAside(item, true);
      if (afterMs > 0) await sleep(afterMs, this.#ending);
      this.#isAside(item, false);
      const resolved = await resolve(this.#deps, item, {
        signal: this.#ending,
        onWaiting: (waits) => this.#isAside(item, waits),
        isTakenForNew: this.#newSounds.take(item, this.#payables.waitedMs),
        isPaused: () => this.#paused,
      });
      this.#newSounds.met(resolved.kind === 'payable' && resolved.right.because === 'new');
      if (resolved.kind === 'settled') return this.#release(item, 'settled');
      if (this.#ending.aborted) return this.#release(item, 'give-back');
      item.admission = item.step.within('wait for admission');
      this.#payables.push({ item, right: resolved.right }, this.options.mayDoTasks);
      this.options.onPayable();
    } catch (error) {
      await this.trouble(item, error);
    }
  }

  /** Ends what a mistake of ours, or a stop, left open: handed out again, or given up after several times. */
  async trouble(item: Item, error: unknown): Promise<void> {
    if (!isUnexpected(error)) return this.#release(item, 'give-back');
    const { seq } = item.work.record;
    const troubles = (this.#troubles.get(seq) ?? 0) + 1;
    this.#troubles.set(seq, troubles);
    const settled = await setAside(this.#deps, item, troubles, error);
    this.#release(item, settled ? 'settled' : 'give-back');
  }

  /** The item has its outcome. */
  settled(item: Item): void {
    this.#release(item, 'settled');
  }

  #isAside(item: Item, aside: boolean): void {
    if (aside) this.#aside.add(item);
    else this.#aside.delete(item);
    this.#wake();
  }

  #release(item: Item, how: 'settled' | 'give-back'): void {
    this.#aside.delete(item);
    item.admission?.end();
    item.step.end(how === 'settled' ? undefined : 'given-back');
    if (!this.#held.delete(item.work.record.seq)) return;
    if (how === 'settled') this.#troubles.delete(item.work.record.seq);
    else item.work.giveBack(this.#ending.aborted ? 0 : GIVE_BACK_MS);
    this.#wake();
  }

  /** How many more may be taken: those looked at, or waiting for a call, fill it up to `ahead`; tasks wait beside them. */
  #room(): number {
    const ahead = this.options.ahead();
    const queued = this.#held.size - this.#aside.size - this.#payables.count('task');
    return Math.min(ahead - queued, ahead * HELD_FACTOR - this.#held.size);
  }

  async #run(): Promise<void> {
    const wake = (): void => this.#wake();
    this.#ending.addEventListener('abort', wake, { once: true });
    void this.#watchDeadline();
    const alive = setInterval(() => {
      for (const item of this.#held.values()) item.work.alive();
    }, this.options.ackWaitMs / 3);
    try {
      while (!this.#ending.aborted) {
        const room = this.#room();
        if (this.#paused || room < this.options.ahead() / 2) await this.#woken();
        else await this.#take(room);
      }
      for (const { item } of this.#payables.takeAll()) this.#release(item, 'give-back');
      // What is under way still needs its signs of life.
      while (this.#held.size > 0) await this.#woken();
    } finally {
      clearInterval(alive);
      this.#untaken[Symbol.dispose]();
    }
  }

  async #take(room: number): Promise<void> {
    const signal = this.#ending;
    try {
      const onUnreadable = (record: Recorded): Promise<void> =>
        failUnreadable(this.#deps, this.options.at, record);
      for await (const work of this.#reader.take({ max: room, waitMs: TAKE_WAIT_MS, onUnreadable, signal })) {
        this.#begin(work);
      }
    } catch (error) {
      if (signal.aborted) return;
      // The lane is gone when its set has ended: whoever follows the sets stops this source, or makes it again.
      if (!isReaderLost(error))
        this.#deps.logger.warn({ ...this.options.at, err: error }, 'taking work failed');
      await sleepAtMost(TAKE_AGAIN_MS, signal);
    }
  }

  #begin(work: Work): void {
    this.#untaken.count = work.pending;
    const known = this.#held.get(work.record.seq);
    if (known) {
      // A broker that was killed forgets what it handed out: the item goes on, and is acknowledged by its new handout.
      known.work = work;
      return;
    }
    const item = itemOf(work, this.options.terms);
    this.#held.set(work.record.seq, item);
    void this.look(item);
  }

  /** What waits for the quota when the deadline comes is looked at once more, and ends there. */
  async #watchDeadline(): Promise<void> {
    const { deadline } = this.options.terms;
    if (deadline === undefined) return;
    for (let leftMs = 1; leftMs > 0; ) {
      leftMs = deadline - this.#deps.log.clock.now();
      await sleepAtMost(Math.max(0, Math.min(leftMs, LONGEST_SLEEP_MS)), this.#ending);
      if (this.#ending.aborted) return;
    }
    this.#sweepAtDeadline();
  }

  #sweepAtDeadline(): void {
    const { deadline } = this.options.terms;
    if (this.#paused || deadline === undefined || deadline > this.#deps.log.clock.now()) return;
    for (const { item } of this.#payables.takeAll()) {
      item.admission?.end();
      void this.look(item);
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
